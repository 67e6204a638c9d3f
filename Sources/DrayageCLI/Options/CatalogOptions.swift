import ArgumentParser
import Drayage
import DrayageCore

/// Which offers are known.
struct CatalogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder of price files that come before the bundled ones, offer by offer.", valueName: "folder"))
  var pricing: String?

  @Flag(name: .customLong("no-bundled"), help: "Know only the offers of --pricing.")
  var withoutBundled = false

  func validate() throws {
    if withoutBundled, pricing == nil { throw ValidationError("--no-bundled needs --pricing") }
  }

  var catalog: Catalog {
    get throws {
      guard let pricing else { return try CatalogLoader.load(files: CatalogLoader.bundled) }
      let files = try CatalogLoader.sources(in: pricing)
      return try withoutBundled
        ? CatalogLoader.load(files: files) : CatalogLoader.load(files: files, over: CatalogLoader.bundled)
    }
  }
}

/// When prices are looked up.
struct InstantOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The time of the prices, as 2026-11-21 or 2026-11-21T16:00Z; by default now.", valueName: "time"))
  var at: String?

  func validate() throws {
    if let at, (try? UTCInstant(at)) == nil {
      throw ValidationError("--at must be a time such as 2026-11-21 or 2026-11-21T16:00Z")
    }
  }

  var instant: UTCInstant {
    get throws { try at.map { try UTCInstant($0) } ?? .now }
  }
}
