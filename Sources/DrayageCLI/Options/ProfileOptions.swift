import ArgumentParser
import Drayage
import DrayageProfiles

/// What a command knows beforehand of models and offers.
struct ProfileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A scored table to learn from. Without one, models are judged by the profile files, or by the few public "
        + "benchmark scores that the program brings along.", valueName: "table"))
  var profile: String?

  @Option(
    help: ArgumentHelp(
      "The column of the scored table that names the workload (default: dataset).", valueName: "name"))
  var workloadColumn: String?

  @Option(
    help: ArgumentHelp(
      "A profile file to learn from: lengths, latencies and quality. May be repeated.", valueName: "file"))
  var profiles: [String] = []

  @Flag(help: "Leave out the lengths, latencies and scores that the program brings along.")
  var noStarting = false

  /// What all of them say together.
  ///
  /// - Throws: ``InputError`` about a file; `ValidationError` if there is nothing to judge quality by.
  func load() throws -> (profile: TableProfile, services: ServiceProfiles) {
    var file = ProfileFile()
    for path in profiles { try file.merge(try ProfileFile(contentsOf: path)) }
    let own = try file.quality()
    if !noStarting {
      // Scores of others are a last resort: they say little of anybody's own requests.
      let isJudged = profile != nil || own != nil
      file.fill(from: try .starting) { !(isJudged && $0.kind == "quality") }
    }
    let services = try ServiceProfiles(file)
    if let profile {
      return (
        try TableProfile(try ScoredTable(contentsOf: profile), workloadColumn: workloadColumn, and: own),
        services
      )
    }
    guard let quality = try file.quality() else {
      throw ValidationError("nothing says how good the models are; give a scored table as --profile")
    }
    return (TableProfile(quality), services)
  }
}
