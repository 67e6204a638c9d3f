import DrayageTesting
import DrayageCore
import Testing

/// Random tariffs against whole-number arithmetic written another way.
@Suite("Tariff properties") struct TariffPropertyTests {
  @Test func totalsAreTheExactSumRoundedUpOnce() throws {
    for seed in UInt64(0)..<2_000 {
      var sample = try TariffSample(seed: seed)
      let usage = sample.usage(upTo: 2_000)
      let bill = try sample.tariff.price(usage, at: sample.instant, under: sample.conditions)
      let exact = sample.trillionthsOfPicodollars(usage)
      // 10¹² of these are a pico-dollar, 10¹⁵ a nano-dollar.
      let expected = (exact + 999_999_999_999_999) / 1_000_000_000_000_000
      #expect(UInt128(bill.total.nanodollars) == expected, "seed \(seed)")
      #expect(bill.exact.numerator * (1_000_000_000_000 / bill.exact.denominator) == exact, "seed \(seed)")
      var sum = UInt128(0)
      for line in bill.lines {
        sum += line.amount.numerator * (1_000_000_000_000 / line.amount.denominator)
      }
      #expect(sum == exact, "seed \(seed)")
    }
  }

  @Test func nothingWithinTheBoundsCostsMoreThanTheCeiling() throws {
    for seed in UInt64(0)..<2_000 {
      var sample = try TariffSample(seed: seed)
      let bound = Int.random(in: 0...1_500, using: &sample.random)
      let ceiling = try sample.tariff.ceiling(
        input: bound, output: 300, at: sample.instant, under: sample.conditions)
      var dearest = Money.zero
      for _ in 0..<20 {
        let usage = sample.usage(upTo: bound)
        dearest = max(
          dearest, try sample.tariff.price(usage, at: sample.instant, under: sample.conditions).total)
      }
      #expect(dearest <= ceiling, "seed \(seed)")
      // And no more than some usage can cost: all input on one meter, at the largest size of some tier.
      var reached = Money.zero
      for size in Set([bound, 100, 400, 900].filter { $0 <= bound }) {
        for usage in [
          TokenUsage(input: size, output: 300), TokenUsage(input: 0, output: 300, cachedInput: size),
          TokenUsage(input: 0, output: 300, cacheWrite: size),
        ] {
          reached = max(
            reached, try sample.tariff.price(usage, at: sample.instant, under: sample.conditions).total)
        }
      }
      #expect(reached == ceiling, "seed \(seed)")
    }
  }

  @Test func `spot prices are the prices, as long as they hold`() throws {
    for seed in UInt64(0)..<2_000 {
      var sample = try TariffSample(seed: seed)
      let (tariff, conditions) = (sample.tariff, sample.conditions)
      let spot = try #require(tariff.spotPrices(at: sample.instant, under: conditions))
      #expect(spot.validity.contains(sample.instant), "seed \(seed)")
      let last = UTCInstant(secondsSince1970: spot.validity.upperBound.secondsSince1970 - 1)
      for instant in [sample.instant, last] {
        for _ in 0..<10 {
          // The edges of the tiers, and anything between.
          let input = [0, 100, 101, 400, 401, 900, 901, Int.random(in: 0...2_000, using: &sample.random)]
            .randomElement(using: &sample.random)!
          let output = Int.random(in: 0...2_000, using: &sample.random)
          let usage = TokenUsage(input: input, output: output)
          #expect(
            try spot.cost(input: input, output: output)
              == tariff.price(usage, at: instant, under: conditions).total,
            "seed \(seed): \(input) and \(output) at \(instant)")
          #expect(
            try spot.ceiling(input: input, output: output)
              == tariff.ceiling(input: input, output: output, at: instant, under: conditions),
            "seed \(seed): \(input) and \(output) at \(instant)")
        }
      }
    }
  }

  @Test func `spot prices beyond the range are none`() throws {
    let sample = try TariffSample(seed: 1)
    let spot = try #require(sample.tariff.spotPrices(at: sample.instant, under: sample.conditions))
    #expect(spot.cost(input: .max, output: .max) == nil)
    #expect(spot.ceiling(input: .max, output: .max) == nil)
    #expect(spot.cost(input: -1, output: 0) == nil)
  }
}

/// A random tariff with rules in four groups, and the conditions of a random request.
private struct TariffSample {
  let tariff: Tariff
  let conditions: PriceConditions
  let instant: UTCInstant
  var random: SplitMix64
  private let base: [Int64]
  /// Thresholds descending, with thousandths by which input and output are multiplied.
  private let tiers: [(over: Int, input: Int64, output: Int64)]
  /// Thousandths of the rules on all tokens that apply under `conditions`.
  private let others: [Int64]

  init(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    base = (0..<4).map { _ in Int64.random(in: 0...20_000_000, using: &random) }
    tiers = [900, 400, 100].map {
      ($0, Int64.random(in: 100...5_000, using: &random), Int64.random(in: 100...5_000, using: &random))
    }
    let service = Int64.random(in: 100...6_000, using: &random)
    let region = Int64.random(in: 900...1_200, using: &random)
    let time = Int64.random(in: 100...1_000, using: &random)
    instant = UTCInstant(secondsSince1970: Int64.random(in: 0...2_000_000_000, using: &random))
    let (batch, eu) = (Bool.random(using: &random), Bool.random(using: &random))
    conditions = PriceConditions(service: batch ? "batch" : "standard", region: eu ? "eu" : nil)
    let early = instant.secondsSince1970 % 86_400 < 43_200
    others = (batch ? [service] : []) + (eu ? [region] : []) + (early ? [time] : [])

    var rules: [RateRule] = []
    for tier in tiers {
      rules.append(
        RateRule(
          when: .inputOver(tier.over),
          .multiply(
            [.output: try Self.thousandths(tier.output)], otherTokens: try Self.thousandths(tier.input))))
    }
    let morning = try #require(TimeWindows(minutes: [0..<720]))
    rules += [
      RateRule(when: .service("batch"), .multiply([:], otherTokens: try Self.thousandths(service))),
      RateRule(when: .region(["us", "eu"]), .multiply([:], otherTokens: try Self.thousandths(region))),
      RateRule(when: .time(morning), .multiply([:], otherTokens: try Self.thousandths(time))),
    ]
    let meters: [Meter] = [.input, .output, .cacheRead, .cacheWrite]
    let rates = Dictionary(uniqueKeysWithValues: zip(meters, base.map(Rate.init(picodollars:))))
    tariff = try Tariff(name: "a/x", origin: "a.json", sheets: [RateSheet(base: rates, rules: rules)])
    self.random = random
  }

  private static func thousandths(_ value: Int64) throws -> Multiplier {
    let rest = String(value % 1_000)
    return try Multiplier("\(value / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest)")
  }

  /// A usage of at most `bound` input tokens and 300 output tokens.
  mutating func usage(upTo bound: Int) -> TokenUsage {
    let total = Int.random(in: 0...bound, using: &random)
    let cached = Int.random(in: 0...total, using: &random)
    let written = Int.random(in: 0...(total - cached), using: &random)
    return TokenUsage(
      input: total - cached - written, output: Int.random(in: 0...300, using: &random), cachedInput: cached,
      cacheWrite: written)
  }

  /// The cost at the fixed scale of 10⁻²⁴ dollars: four factors in thousandths leave no remainder.
  func trillionthsOfPicodollars(_ usage: TokenUsage) -> UInt128 {
    let total = usage.input + usage.cachedInput + usage.cacheWrite
    let tier = tiers.first { total > $0.over }
    var sum = UInt128(0)
    for (index, count) in [usage.input, usage.output, usage.cachedInput, usage.cacheWrite].enumerated() {
      let tierFactor = tier.map { index == 1 ? $0.output : $0.input } ?? 1_000
      var amount = UInt128(count) * UInt128(base[index]) * UInt128(tierFactor)
      for factor in others { amount *= UInt128(factor) }
      for _ in others.count..<3 { amount *= 1_000 }
      sum += amount
    }
    return sum
  }
}
