import Drayage
import DrayageCore
import DrayageTesting
import Testing

/// Imported prices as they are charged.
@Suite("Imported prices") struct CatalogImportPricesTests {
  typealias Fixtures = CatalogImportFixtures

  /// What an offer of an excerpt charges, in dollars, worked out by hand from the excerpt.
  struct Case: CustomTestStringConvertible, Sendable {
    let format: ImportFormat
    let offer: String
    var at = "2026-11-21"
    var region: String?
    let input: Int
    var cached = 0
    var extras: [Meter: Int] = [:]
    let output: Int
    let dollars: String

    var testDescription: String { "\(format) \(offer) at \(at), \(input) + \(cached) in, \(output) out" }
  }

  @Test(arguments: [
    // 272,000 x 10 + 1,000 x 50 millionths; one token more: x 20 and x 75.
    Case(format: .litellm, offer: "openai/gpt-6-astra", input: 272_000, output: 1_000, dollars: "2.77"),
    Case(format: .litellm, offer: "openai/gpt-6-astra", input: 272_001, output: 1_000, dollars: "5.51502"),
    Case(
      format: .litellm, offer: "openai/gpt-6-astra@batch", input: 272_001, output: 1_000, dollars: "2.75751"),
    Case(format: .litellm, offer: "openai/gpt-6-astra@ultrafast", input: 1_000, output: 100, dollars: "0.09"),
    // 1.1 times in Europe: 1,000 x 10 + 100 x 50 = 15,000 millionths.
    Case(
      format: .litellm, offer: "openai/gpt-6-astra", region: "eu", input: 1_000, output: 100,
      dollars: "0.0165"),
    // 500 x 0.01 + 3 searches of a cent.
    Case(
      format: .litellm, offer: "anthropic/claude-haiku-5-5", input: 0, cached: 500, extras: [.webSearch: 3],
      output: 0, dollars: "0.030005"),
    // A Saturday, and the same hour of a Monday.
    Case(
      format: .litellm, offer: "deepseek/deepseek-flash#low", at: "2026-11-21T08:00Z", input: 1_000,
      output: 0, dollars: "0.00015"),
    Case(
      format: .litellm, offer: "deepseek/deepseek-flash#low", at: "2026-11-23T08:00Z", input: 1_000,
      output: 0, dollars: "0.0003"),
    Case(format: .litellm, offer: "alibaba/qwen-flash", input: 256_001, output: 0, dollars: "0.06400025"),
    // Before and from 2026-03-13: tiers, then none.
    Case(
      format: .genaiPrices, offer: "anthropic/claude-opus-4-6", at: "2026-03-12", input: 200_001, output: 0,
      dollars: "2.00001"),
    Case(
      format: .genaiPrices, offer: "anthropic/claude-opus-4-6", at: "2026-03-13", input: 200_001, output: 0,
      dollars: "1.000005"),
    Case(
      format: .genaiPrices, offer: "deepseek/deepseek-flash#low", at: "2026-11-23T03:59Z", input: 1_000,
      output: 0, dollars: "0.0003"),
    Case(
      format: .genaiPrices, offer: "deepseek/deepseek-flash#low", at: "2026-11-23T04:00Z", input: 1_000,
      output: 0, dollars: "0.00015"),
    Case(
      format: .genaiPrices, offer: "google/gemini-3.1-pro-preview@batch", input: 200_001, output: 100,
      dollars: "0.400902"),
    Case(format: .modelsDev, offer: "openai/gpt-5.5", input: 272_001, output: 100, dollars: "2.72451"),
    Case(
      format: .modelsDev, offer: "openai/gpt-5.5@priority", input: 1_000, cached: 1_000, output: 100,
      dollars: "0.02125"),
  ])
  func `a usage costs what the list says`(test: Case) throws {
    let catalog = try Fixtures.written(try Fixtures.run(test.format))
    var offer = try catalog.offer(named: test.offer)
    offer.region = test.region
    let usage = TokenUsage(input: test.input, output: test.output, cachedInput: test.cached)
    let bill = try offer.price(usage, besides: test.extras, at: UTCInstant(test.at))
    #expect(bill.total == (try Money(decimal: test.dollars)), "\(bill)")
  }

  @Test func `no digits are lost between a token and a million`() throws {
    for (text, perMillion) in [
      ("1.5e-07", "0.15"), ("3.625e-9", "0.003625"), ("0.00000012", "0.12"), ("1E-12", "0.000001"),
      ("1e-2", "10000"), ("40.49997e-06", "40.49997"),
    ] {
      let result = try Fixtures.run(
        .litellm, text: Self.entry(["input_cost_per_token": text, "output_cost_per_token": "1e-2"]))
      let offer = try #require(try Fixtures.written(result).offers.first, "\(text)")
      #expect(offer.tariff.sheets[0].base[.input] == (try Rate(dollarsPerMillion: perMillion)), "\(text)")
    }
  }

  /// Every stated rate is charged exactly, under whatever rules it was put; a service that cannot be stated
  /// is not sold.
  @Test func `what is imported is charged as stated, over random tiers and services`() throws {
    let meters: [(stem: String, meter: Meter)] = [
      ("input_cost_per_token", .input), ("output_cost_per_token", .output),
      ("cache_read_input_token_cost", .cacheRead),
    ]
    var sold = 0
    for seed in 0..<300 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let factors: [Int64] = [250_000, 500_000, 1_000_000, 1_500_000, 2_000_000, 333_333]
      // In half of the lists tier and service make the rate together; in the others each has its own.
      let together = Bool.random(using: &random)
      var stated: [(service: String, size: Int, meter: Meter, rate: Int64)] = []
      var keys: [String: String] = [:]
      for (stem, meter) in meters {
        let base = Int64.random(in: 1...2_499, using: &random) * 1_000_000
        let tier = factors.randomElement(using: &random) ?? 1
        for (service, suffix) in [("standard", ""), ("batch", "_batches"), ("flex", "_flex")] {
          let share = service == "standard" ? 1_000_000 : factors.randomElement(using: &random) ?? 1
          for (size, above) in [(0, ""), (200_000, "_above_200k_tokens")] {
            let own = together ? tier : factors.randomElement(using: &random) ?? 1
            let factor = share * (size == 0 ? 1_000_000 : own) / 1_000_000
            let rate = max(1, base / 1_000_000 * factor)
            keys[stem + above + suffix] = "\(rate)e-12"
            stated.append((service, size, meter, rate))
          }
        }
      }
      let result = try Fixtures.run(.litellm, text: Self.entry(keys))
      let catalog = try Fixtures.written(result)
      for (service, size, meter, rate) in stated {
        let name = "acme/m" + (service == "standard" ? "" : "@\(service)")
        guard let offer = catalog.offers.first(where: { $0.id.description == name }) else {
          #expect(service != "standard", "seed \(seed)")
          continue
        }
        sold += service == "standard" ? 0 : 1
        let bill = try offer.price(
          TokenUsage(input: size + 1, output: 1, cachedInput: 1), at: UTCInstant("2026-11-21"))
        let line = try #require(bill.lines.first { $0.meter == meter }, "seed \(seed)")
        let (left, right) = (
          UInt128(rate) * UInt128(line.quantity) * line.amount.denominator, line.amount.numerator
        )
        #expect(
          left == right, "seed \(seed): \(name) \(meter) over \(size): \(rate) stated, \(line.amount) charged"
        )
      }
    }
    // Otherwise the property would hold of nothing.
    #expect(sold > 500)
  }

  private static func entry(_ prices: [String: String]) -> String {
    let keys = prices.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    return #"{"acme/m": {"litellm_provider": "acme", "mode": "chat", \#(keys.joined(separator: ", "))}}"#
  }
}
