import ArgumentParser
import Drayage
import DrayageCore

extension CatalogCommand {
  /// What is on sale, the cheapest first.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Lists what is on sale, the cheapest first; with --model, who sells the same model.")

    @OptionGroup var catalog: CatalogOptions
    @OptionGroup var time: InstantOption

    @Option(help: ArgumentHelp("Only models with this in one of their names.", valueName: "text"))
    var model: String?

    @Option(help: ArgumentHelp("Only this provider's.", valueName: "name"))
    var provider: String?

    @Option(help: ArgumentHelp("Only models that can do this. May be repeated.", valueName: "name"))
    var capability: [String] = []

    @Option(help: ArgumentHelp("The service tier, or 'all'.", valueName: "name"))
    var service = PriceConditions.standardService

    @Option(help: ArgumentHelp("The most dollars that a million tokens may cost, blended.", valueName: "usd"))
    var maxPrice: String?

    @Option(
      help: ArgumentHelp("Fresh input and output tokens in the blended price.", valueName: "in:out"))
    var mix = "3:1"

    @Flag(help: "Only models whose weights are public.")
    var openWeights = false

    @Option(help: "How to print the list: text or json.")
    var format: OutputFormat = .text

    private var query: CatalogListing.Query {
      get throws {
        var query = CatalogListing.Query()
        query.model = model
        query.provider = provider
        query.capabilities = Set(capability.map(Capability.init(rawValue:)))
        query.service = service == "all" ? nil : service
        query.onlyOpenWeights = openWeights
        if let maxPrice {
          guard let rate = try? Rate(dollarsPerMillion: maxPrice) else {
            throw ValidationError("--max-price must be dollars per million tokens, such as 2.50")
          }
          query.mostBlended = rate
        }
        let parts = mix.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let input = parts[0], let output = parts[1], input >= 0, output >= 0,
          (1...1_000_000).contains(max(input, output))
        else { throw ValidationError("--mix must be two whole numbers, such as 3:1") }
        query.mix = (input, output)
        for name in query.capabilities where !Capability.known.contains(name) {
          let known = Capability.known.map(\.rawValue).sorted().joined(separator: ", ")
          throw ValidationError("no capability is called '\(name)'; known are \(known)")
        }
        return query
      }
    }

    func validate() throws { _ = try query }

    func run() async throws {
      let listing = CatalogListing(try catalog.catalog, try query, at: try time.instant)
      let report = CatalogListReport(listing: listing, mix: mix)
      print(format == .json ? try report.json : report.text)
    }
  }

  /// All terms of an offer.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows the terms of an offer as they hold now, and their next change.")

    @Argument(help: ArgumentHelp("The offer, such as openai/gpt-6-luna#low@batch.", valueName: "offer"))
    var offer: String

    @OptionGroup var catalog: CatalogOptions
    @OptionGroup var time: InstantOption

    @Option(help: "How to print the terms: text or json.")
    var format: OutputFormat = .text

    func run() async throws {
      let catalog = try catalog.catalog
      let report = OfferReport(try Self.offer(named: offer, in: catalog), at: try time.instant)
      print(format == .json ? try report.json : try report.text)
    }

    /// A name without its effort means the first of its efforts: they share their terms.
    private static func offer(named name: String, in catalog: Catalog) throws -> Offer {
      if let id = OfferID(name), id.effort == nil, catalog[id] == nil,
        let first = catalog.offers.first(where: {
          $0.provider == id.provider && $0.id.name == id.name && $0.service == id.service
        })
      {
        return first
      }
      return try catalog.offer(named: name)
    }
  }

  /// What two catalogs differ in.
  struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "diff",
      abstract: "Says what differs between two catalogs. Ends with code 1 if anything does.")

    @Argument(help: ArgumentHelp("A folder of price files, or 'bundled'.", valueName: "before"))
    var before: String

    @Argument(help: ArgumentHelp("A folder of price files, or 'bundled'.", valueName: "after"))
    var after: String

    @OptionGroup var time: InstantOption

    @Option(help: "How to print the differences: text or json.")
    var format: OutputFormat = .text

    private static func load(_ name: String) throws -> Catalog {
      name == "bundled"
        ? try CatalogLoader.load(files: CatalogLoader.bundled) : try CatalogLoader.load(directory: name)
    }

    func run() async throws {
      let difference = CatalogDifference(
        from: try Self.load(before), to: try Self.load(after), at: try time.instant)
      let report = CatalogDifferenceReport(difference: difference)
      print(format == .json ? try report.json : report.text)
      if !difference.isEmpty { throw ExitCode.failure }
    }
  }
}
