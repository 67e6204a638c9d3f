import Drayage
import DrayageCore
import Testing

/// What the price files come to, against figures that other tools' own price data gave for the same usage.
///
/// `Data/reference-prices.csv` states for each row its source: a key of the price data of litellm 1.109.1, or
/// genai-prices 0.2.3's own calculation, both under the MIT licence. Tokens are counted by class: `input` is fresh
/// input only.
@Suite struct CatalogReferenceTests {
  @Test func `prices agree with those of independent sources`() throws {
    let catalog = try CatalogLoader.load(files: CatalogLoader.bundled)
    let path =
      #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/") + "/Data/reference-prices.csv"
    var reader = try CSVReader(try InputFile.bytes(at: path, limit: 1 << 24), file: "reference-prices.csv")
    let columns = Dictionary(uniqueKeysWithValues: reader.header.enumerated().map { ($1, $0) })
    func column(_ name: String) throws -> Int { try #require(columns[name], "no column \(name)") }
    let (offer, at, region) = (try column("offer"), try column("at"), try column("region"))
    let counted = try ["input", "output", "cached", "cache_write"].map(column)
    let extras = [
      (try #require(Meter.cacheWrite(hours: 1)), try column("cache_write_1h")),
      (try #require(Meter.cacheWrite(hours: 12)), try column("cache_write_12h")),
      (Meter.webSearch, try column("web_searches")),
    ]
    let (expected, source) = (try column("expected_usd"), try column("source"))
    var offers: Set<String> = []
    var tools: Set<Substring> = []
    while try reader.next() {
      let place: Comment = "line \(reader.line): \(reader.text(offer)), \(reader.text(source))"
      var found = try catalog.offer(named: reader.text(offer))
      found.region = reader.text(region).isEmpty ? nil : reader.text(region)
      let counts = try counted.map { try #require(Int(reader.text($0)), place) }
      let usage = TokenUsage(
        input: counts[0], output: counts[1], cachedInput: counts[2], cacheWrite: counts[3])
      let more = try extras.map { ($0, try #require(Int(reader.text($1)), place)) }.filter { $1 > 0 }
      let bill = try found.price(
        usage, besides: Dictionary(uniqueKeysWithValues: more), at: try UTCInstant(reader.text(at)))
      let total = try Money(decimal: reader.text(expected))
      #expect(bill.total == total, place)
      offers.insert(reader.text(offer))
      tools.insert(reader.text(source).prefix { $0 != " " })
    }
    #expect(offers.count >= 40 && tools == ["litellm", "genai-prices"])
  }

  @Test func `what is bundled is what the folder holds`() throws {
    let folder = try CatalogLoader.sources(in: CatalogFixtures.directory)
    let names = folder.map { $0.name.split(separator: "/").last.map(String.init) ?? "" }
    #expect(CatalogLoader.bundled.map { String($0.name.dropFirst("bundled/".count)) }.sorted() == names)
    for file in CatalogLoader.bundled {
      let same = try #require(folder.first { $0.name.hasSuffix("/" + file.name.dropFirst("bundled/".count)) })
      #expect(file.bytes == same.bytes, "\(file.name)")
    }
  }

  @Test func `one's own files come first, model by model`() throws {
    let own = """
      {"format": "pricing/1", "provider": "openai", "currency": "USD", "unit": "Mtok",
       "sources": {"contract": "our contract"},
       "offers": [
         {"id": "gpt-6-luna", "model": "gpt-6-luna", "effort": ["low"],
          "rates": [{"from": null, "source": "contract", "checked": "2026-11-01", "base": {"in": "0.08", "out": "0.4"}}]},
         {"id": "ours", "model": "ours",
          "rates": [{"from": null, "source": "contract", "checked": "2026-11-01", "base": {"in": "1", "out": "1"}}]}]}
      """
    let shipped = try CatalogLoader.load(files: CatalogLoader.bundled)
    let catalog = try CatalogLoader.load(
      files: [CatalogSource(name: "own.json", text: own)], over: CatalogLoader.bundled)
    let luna = catalog.offers.filter { $0.provider == "openai" && $0.id.name == "gpt-6-luna" }
    #expect(luna.map(\.id.description) == ["openai/gpt-6-luna#low"])
    let (listed, ours) = (try Rate(dollarsPerMillion: "0.1"), try Rate(dollarsPerMillion: "0.08"))
    #expect(luna[0].tariff.sheets[0].base[.input] == ours)
    #expect(catalog.offers.contains { $0.id.name == "ours" })
    let difference = CatalogDifference(from: shipped, to: catalog, at: try UTCInstant("2026-11-21"))
    #expect(difference.added == ["openai/ours"] && difference.removed.isEmpty)
    #expect(Set(difference.prices.map(\.offer)) == ["openai/gpt-6-luna"])
    let input = try #require(difference.prices.first { $0.meter == .input })
    #expect(input.before == listed && input.after == ours)
    #expect(difference.others.map(\.offer) == ["openai/gpt-6-luna"])
    let none = CatalogDifference(from: shipped, to: shipped, at: try UTCInstant("2026-11-21"))
    #expect(none.isEmpty)
  }

  @Test func `a listing is sorted by blended price and holds what was asked for`() throws {
    let catalog = try CatalogLoader.load(files: CatalogLoader.bundled)
    let instant = try UTCInstant("2026-11-21")
    var query = CatalogListing.Query()
    query.model = "deepseek-v4"
    query.capabilities = [.tools]
    query.mostBlended = try Rate(dollarsPerMillion: "2")
    let listing = CatalogListing(catalog, query, at: instant)
    #expect(Set(listing.entries.map(\.offer.provider)).count >= 5)
    let blended = try listing.entries.map { try #require($0.blended) }
    #expect(blended == blended.sorted() && blended.allSatisfy { $0 <= query.mostBlended ?? .free })
    for entry in listing.entries {
      #expect(entry.offer.model.hasPrefix("deepseek-v4") && entry.offer.capabilities.contains(.tools))
      // Three fresh tokens to one written, in a short request: a million of them by the bill.
      let bill = try entry.offer.price(TokenUsage(input: 3_000, output: 1_000), at: instant)
      let million = Money(nanodollars: bill.total.nanodollars * 250)
      let listed = try #require(entry.blended)
      #expect(abs(million.nanodollars - listed.picodollars * 1_000) <= 250 + 1_000, "\(entry.name)")
    }
    query.service = "batch"
    query.model = "gpt-6-luna"
    query.provider = "openai"
    let batch = CatalogListing(catalog, query, at: instant)
    #expect(batch.entries.map(\.name) == ["openai/gpt-6-luna@batch"] && batch.offerCount == 6)
  }

  @Test func `the next change of a price is found`() throws {
    let catalog = try CatalogLoader.load(files: CatalogLoader.bundled)
    let luna = try catalog.offer(named: "openai/gpt-5.6-luna").tariff
    let change = try UTCInstant("2026-07-30")
    let (start, before) = (try UTCInstant("2026-07-09"), try UTCInstant("2026-07-29T23:59:59Z"))
    #expect(luna.nextChange(after: try UTCInstant("2026-01-01")) == start)
    #expect(luna.nextChange(after: before) == change && luna.nextChange(after: change) == nil)
  }
}
