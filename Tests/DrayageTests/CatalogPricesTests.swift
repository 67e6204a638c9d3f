import Drayage
import DrayageCore
import DrayageTesting
import Testing

/// Documented prices at their edges, with totals worked out by hand from the price files.
@Suite("Catalog prices") struct CatalogPricesTests {
  /// An offer, an instant, a usage, and what it costs.
  struct Case: CustomTestStringConvertible, Sendable {
    let offer: String
    let at: String
    let tokens: (input: Int, output: Int, cached: Int, written: Int)
    var region: String?
    let dollars: String

    init(
      _ offer: String, _ at: String, in input: Int = 0, out output: Int = 0, cached: Int = 0,
      written: Int = 0,
      region: String? = nil, _ dollars: String
    ) {
      self.offer = offer
      self.at = at
      tokens = (input, output, cached, written)
      self.region = region
      self.dollars = dollars
    }

    var testDescription: String { "\(offer) at \(at) \(tokens) \(region ?? "")" }
  }

  @Test(arguments: [
    // The context tier: above 272,000 tokens of input, input x2 and output x1.5, for all of it.
    // 272,000 x 0.1 + 1,000 x 0.5 = 27,700 millionths.
    Case("openai/gpt-6-luna#none", "2026-10-01", in: 272_000, out: 1_000, "0.0277"),
    // 272,001 x 0.2 + 1,000 x 0.75 = 54,400.2 + 750.
    Case("openai/gpt-6-luna#none", "2026-10-01", in: 272_001, out: 1_000, "0.0551502"),
    // Cached tokens count towards the tier: 1 x 0.2 + 272,000 x 0.02.
    Case("openai/gpt-6-luna#none", "2026-10-01", in: 1, cached: 272_000, "0.0054402"),
    Case("openai/gpt-6-luna#none", "2026-10-01", cached: 271_999, written: 1, "0.002720115"),
    // Batch of a long context: in 0.1 x 2 x 0.5, out 0.5 x 1.5 x 0.5; 300,000 x 0.1 + 2,000 x 0.375.
    Case("openai/gpt-6-luna#high@batch", "2026-10-01", in: 300_000, out: 2_000, "0.03075"),
    Case("openai/gpt-6-luna#high@flex", "2026-10-01", in: 300_000, out: 2_000, "0.03075"),
    // Priority: x2. 1,000 x 0.2 + 1,000 x 1.
    Case("openai/gpt-6-luna#low@priority", "2026-10-01", in: 1_000, out: 1_000, "0.0012"),
    // Regional uplift: 1,000 x 0.11 + 1,000 x 0.55; elsewhere none.
    Case("openai/gpt-6-luna#low", "2026-10-01", in: 1_000, out: 1_000, region: "eu", "0.00066"),
    Case("openai/gpt-6-luna#low", "2026-10-01", in: 1_000, out: 1_000, region: "jp", "0.0006"),
    // One fresh and one cached token in batch in the EU: 55 + 5.5 nano-dollars, rounded up once.
    Case("openai/gpt-6-luna#low@batch", "2026-10-01", in: 1, cached: 1, region: "eu", "0.000000061"),
    // Ultrafast: x6. 1,000 x 60 + 100 x 300.
    Case("openai/gpt-6-astra#max@ultrafast", "2026-10-01", in: 1_000, out: 100, "0.09"),
    // The change of 2026-07-30, to the second: 1,000 x 1 + 1,000 x 6, then 1,000 x 0.2 + 1,000 x 1.2.
    Case("openai/gpt-5.6-luna", "2026-07-29T23:59:59Z", in: 1_000, out: 1_000, "0.007"),
    Case("openai/gpt-5.6-luna", "2026-07-30", in: 1_000, out: 1_000, "0.0014"),

    // Above 100,000 tokens everything x5: 100,000 x 0.1 + 1,000 x 0.5, then 100,001 x 0.5 + 1,000 x 2.5.
    Case("anthropic/claude-haiku-5-5", "2026-10-01", in: 100_000, out: 1_000, "0.0105"),
    Case("anthropic/claude-haiku-5-5", "2026-10-01", in: 100_001, out: 1_000, "0.0525005"),
    // In batch: in 0.1 x 5 x 0.5.
    Case("anthropic/claude-haiku-5-5@batch", "2026-10-01", in: 200_000, "0.05"),
    Case("anthropic/claude-haiku-5-5", "2026-10-01", in: 100_000, out: 1_000, region: "us", "0.01155"),
    // Fast: x2. 1,000 x 8 + 1,000 x 40; in the US x1.1.
    Case("anthropic/claude-opus-5-5#max@fast", "2026-10-01", in: 1_000, out: 1_000, "0.048"),
    Case("anthropic/claude-opus-5-5#max@fast", "2026-10-01", in: 1_000, out: 1_000, region: "us", "0.0528"),

    // Batch of a long context in the EU: in 2.5 x 2 x 0.5 x 1.1 = 2.75, out 15 x 1.5 x 0.5 x 1.1 = 12.375.
    Case("azure/gpt-5.4@batch", "2026-10-01", in: 400_000, out: 8_000, region: "eu", "1.199"),

    // Off-peak is half of 0.3 + 0.12; 2026-11-18 is a Wednesday.
    Case("deepseek/deepseek-flash", "2026-11-18T00:59Z", in: 1_000_000, out: 100_000, "0.21"),
    Case("deepseek/deepseek-flash", "2026-11-18T01:00Z", in: 1_000_000, out: 100_000, "0.42"),
    Case("deepseek/deepseek-flash", "2026-11-18T03:59:59Z", in: 1_000_000, out: 100_000, "0.42"),
    Case("deepseek/deepseek-flash", "2026-11-18T04:00Z", in: 1_000_000, out: 100_000, "0.21"),
    Case("deepseek/deepseek-flash", "2026-11-18T05:59:59Z", in: 1_000_000, out: 100_000, "0.21"),
    Case("deepseek/deepseek-flash", "2026-11-18T06:00Z", in: 1_000_000, out: 100_000, "0.42"),
    Case("deepseek/deepseek-flash", "2026-11-18T09:59:59Z", in: 1_000_000, out: 100_000, "0.42"),
    Case("deepseek/deepseek-flash", "2026-11-18T10:00Z", in: 1_000_000, out: 100_000, "0.21"),
    // Friday, Saturday, Sunday, Monday at a peak hour.
    Case("deepseek/deepseek-flash", "2026-11-20T09:00Z", in: 1_000_000, out: 100_000, "0.42"),
    Case("deepseek/deepseek-flash", "2026-11-21T09:00Z", in: 1_000_000, out: 100_000, "0.21"),
    Case("deepseek/deepseek-flash", "2026-11-22T09:00Z", in: 1_000_000, out: 100_000, "0.21"),
    Case("deepseek/deepseek-flash", "2026-11-23T09:00Z", in: 1_000_000, out: 100_000, "0.42"),
    // The instant of a change: 0.435 + 0.87 + 0.003625, then half of 1.32 + 3.96 + 0.044.
    Case(
      "deepseek/deepseek-v4-pro", "2026-08-16T15:59:59Z", in: 1_000_000, out: 1_000_000, cached: 1_000_000,
      "1.308625"),
    Case(
      "deepseek/deepseek-v4-pro", "2026-08-16T16:00Z", in: 1_000_000, out: 1_000_000, cached: 1_000_000,
      "2.662"),
    // For six days off-peak knew no weekends: Saturday the 22nd at 01:00, then Sunday at 01:00.
    Case(
      "deepseek/deepseek-v4-pro", "2026-08-22T01:00Z", in: 1_000_000, out: 1_000_000, cached: 1_000_000,
      "5.324"),
    Case(
      "deepseek/deepseek-v4-pro", "2026-08-23T01:00Z", in: 1_000_000, out: 1_000_000, cached: 1_000_000,
      "2.662"),
  ])
  func documentedPrices(example: Case) throws {
    var offer = try CatalogFixtures.catalog().offer(named: example.offer)
    offer.region = example.region
    let usage = TokenUsage(
      input: example.tokens.input, output: example.tokens.output, cachedInput: example.tokens.cached,
      cacheWrite: example.tokens.written)
    let bill = try offer.price(usage, at: try UTCInstant(example.at))
    #expect(bill.total == (try Money(decimal: example.dollars)), "\(bill)")
  }

  @Test func `spot prices are the bills' totals for all that is on sale`() throws {
    var compared = 0
    var random = SplitMix64(seed: 7)
    for offer in try CatalogFixtures.catalog().offers {
      for instant in try ["2026-08-16T15:59:59Z", "2026-11-21T03:59:59Z", "2026-11-23T09:00Z"].map({
        try UTCInstant($0)
      }) {
        guard let spot = offer.tariff.spotPrices(at: instant, under: offer.conditions) else { continue }
        let edges = try offer.tariff.sheet(at: instant).contextThresholds.flatMap { [$0, $0 + 1] }
        for input in edges + [0, 1, 999, Int.random(in: 0...2_000_000, using: &random)] {
          let output = Int.random(in: 0...100_000, using: &random)
          let bill = try offer.price(TokenUsage(input: input, output: output), at: instant)
          #expect(spot.cost(input: input, output: output) == bill.total, "\(offer.id) at \(instant): \(bill)")
          #expect(
            try spot.ceiling(input: input, output: output)
              == offer.ceiling(input: input, output: output, at: instant), "\(offer.id) at \(instant)")
          compared += 1
        }
      }
    }
    // Few offers lack the price of one of the two.
    #expect(compared > 3_000)
  }

  @Test func feesAndExtendedCacheWrites() throws {
    let catalog = try CatalogFixtures.catalog()
    let instant = try UTCInstant("2026-10-01")
    // Batch halves tokens and not searches: 1,000 x 2 millionths + 10 x 0.01.
    let opus = try catalog.offer(named: "anthropic/claude-opus-5-5#low@batch")
    let searched = try opus.price(TokenUsage(input: 1_000, output: 0), besides: [.webSearch: 10], at: instant)
    #expect(searched.total == (try Money(decimal: "0.102")))
    // A write that lasts an hour: 1,000 x 8 x 0.5 millionths.
    let hour = try #require(Meter.cacheWrite(hours: 1))
    let written = try opus.price(TokenUsage(input: 0, output: 0), besides: [hour: 1_000], at: instant)
    #expect(written.total == (try Money(decimal: "0.004")))
  }

  @Test func ceilingsTakeTheDearestInput() throws {
    let catalog = try CatalogFixtures.catalog()
    let luna = try catalog.offer(named: "openai/gpt-6-luna#none")
    let instant = try UTCInstant("2026-10-01")
    // The 12-hour cache write at 0.25: 272,000 x 0.25 + 1,000 x 0.5; one more token: x2 and x1.5.
    #expect(
      try luna.ceiling(input: 272_000, output: 1_000, at: instant) == Money(decimal: "0.0685"))
    #expect(
      try luna.ceiling(input: 272_001, output: 1_000, at: instant) == Money(decimal: "0.1367505"))
    // Without cache writes it is the plain price: 1,000 x 2.5 + 1,000 x 15.
    let azure = try catalog.offer(named: "azure/gpt-5.4")
    #expect(try azure.ceiling(input: 1_000, output: 1_000, at: instant) == Money(decimal: "0.0175"))
  }

  @Test func whatIsNotKnownIsAnError() throws {
    let catalog = try CatalogFixtures.catalog()
    let azure = try catalog.offer(named: "azure/gpt-5.4")
    let unknown = #expect(throws: TariffError.self) {
      try azure.price(TokenUsage(input: 1, output: 1, cacheWrite: 1), at: try UTCInstant("2026-10-01"))
    }
    #expect(unknown?.code == .unknownPrice)
    #expect(unknown?.description.contains("azure.json") == true)
    let early = #expect(throws: TariffError.self) {
      try azure.price(TokenUsage(input: 1, output: 1), at: try UTCInstant("2026-03-04T23:59:59Z"))
    }
    #expect(early?.code == .noSheet)
    // Batch came with the second sheet.
    let batch = try catalog.offer(named: "openai/gpt-5.6-luna@batch")
    let unsold = #expect(throws: TariffError.self) {
      try batch.price(TokenUsage(input: 1, output: 1), at: try UTCInstant("2026-07-15"))
    }
    #expect(unsold?.code == .serviceNotSold)
    #expect(
      try batch.price(TokenUsage(input: 10, output: 0), at: try UTCInstant("2026-08-01")).total.nanodollars
        == 1_000)
  }

  @Test func everyOfferCanBePricedAndBounded() throws {
    let instant = try UTCInstant("2026-11-21")
    for offer in try CatalogFixtures.catalog().offers {
      let ceiling = try offer.ceiling(input: 500_000, output: 1_000, at: instant)
      for input in [1, 100_001, 500_000] {
        let bill = try offer.price(TokenUsage(input: input, output: 1_000), at: instant)
        #expect(bill.total > .zero && bill.total <= ceiling, "\(offer.id)")
      }
    }
  }
}
