package import Drayage
package import DrayageCore
package import DrayageProfiles
internal import Foundation

/// What the answers of a run say of how long answers are, how fast they come and how good they are.
package struct BatchObservations: Sendable {
  private struct Lengths: Hashable {
    let model: LengthProfiles.Model
    let workload: String
  }

  private var lengths: [Lengths: LengthRecords] = [:]
  private var latency: [String: LatencyProfile] = [:]
  private var corrections: [String: TokenCorrection] = [:]

  init() {}

  /// Whether there is nothing.
  package var isEmpty: Bool { lengths.isEmpty }

  /// Seconds within which so large a share of an offer's answers have come, 0 to 1; `nil` if there were none.
  package func seconds(of offer: String, share: Double, at instant: UTCInstant) -> Double? {
    let day = Double(instant.secondsSince1970) / 86_400
    return latency[offer]?.firstToken.distribution(day: day).value?.quantile(share)
  }

  /// Takes an answer.
  ///
  /// All tokens of an answer that is not streamed come at once: its time to the first token is that to the last.
  ///
  /// - Parameters:
  ///   - estimate: of the input tokens, before any correction.
  ///   - isLive: whether it came as soon as it could, and not with a job.
  mutating func record(
    _ answer: BatchAnswer, from offer: Offer, workload: String, estimate: TokenEstimate?,
    isLive: Bool, at instant: UTCInstant
  ) {
    guard let usage = answer.usage?.tokens else { return }
    let tokens = usage.output
    let seconds = answer.latency
    let day = Double(instant.secondsSince1970) / 86_400
    let key = Lengths(model: .init(offer.model, effort: offer.effort), workload: workload)
    guard
      lengths[key, default: LengthRecords()].record(tokens: tokens, truncated: answer.isTruncated, day: day)
    else { return }
    if isLive {
      self.latency[offer.id.description, default: LatencyProfile()].record(
        firstToken: max(seconds, 1e-6), total: max(seconds, 1e-6), tokens: max(tokens, 1), day: day)
    }
    if let estimate {
      corrections[offer.model, default: TokenCorrection()].observe(
        billed: usage.totalInput, estimate: estimate)
    }
  }

  /// Adds what was observed to the profile file at `path`, which may not exist yet.
  ///
  /// - Parameter source: who observed, and when: a name that no other observation has.
  /// - Throws: ``InputError`` if the file is no profile file or cannot be written, ``ProfileMismatch`` if it
  ///   cannot take the observations.
  package func add(to path: String, source: String, at instant: UTCInstant) throws {
    var file = try Self.existing(path)
    try file.merge(try self.file(source: source, at: instant))
    try file.write(to: path)
  }

  /// Checks that observations can be added to the file at `path`.
  ///
  /// - Throws: ``InputError`` if it is no profile file or cannot be written.
  package static func check(_ path: String) throws(InputError) {
    _ = try existing(path)
    _ = try AtomicFile(path)
  }

  private static func existing(_ path: String) throws(InputError) -> ProfileFile {
    FileManager.default.fileExists(atPath: path) ? try ProfileFile(contentsOf: path) : ProfileFile()
  }

  /// The observations as a profile file.
  package func file(source: String, at instant: UTCInstant) throws(ProfileMismatch) -> ProfileFile {
    func provenance(_ count: Int) throws(ProfileMismatch) -> [ProfileProvenance] {
      let date = String(instant.description.prefix(10))
      return count == 0 ? [] : [try ProfileProvenance(source: source, date: date, count: count)]
    }
    var file = ProfileFile()
    for (key, records) in lengths where records.count > 0 {
      try file.put(
        records, model: key.model, workload: key.workload, provenance: try provenance(records.count))
    }
    for (offer, profile) in latency where profile.count > 0 {
      try file.put(profile, offer: offer, provenance: try provenance(profile.count))
    }
    for (model, correction) in corrections where correction.count > 0 {
      try file.put(correction, model: model, provenance: try provenance(correction.count))
    }
    return file
  }
}
