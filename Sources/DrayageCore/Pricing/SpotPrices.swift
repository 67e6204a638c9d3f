/// The prices of fresh input and output as they hold at an instant, ready for many requests.
///
/// Within a context tier the charge is linear in the tokens: what ``Tariff/price(_:besides:free:at:under:)`` forms
/// from rules is brought over one denominator once. Both give the same amounts, to the nano-dollar.
package struct SpotPrices: Sendable {
  /// The instants at which they hold.
  package let validity: Range<UTCInstant>
  private let tiers: [Tier]

  /// The charges of one context tier, in parts of a nano-dollar.
  fileprivate struct Tier: Equatable {
    /// The most input tokens of the tier.
    let most: Int
    /// How many parts a nano-dollar has.
    let parts: UInt128
    /// Per fresh input token.
    let input: UInt128
    /// Per input token of the dearest kind.
    let dearestInput: UInt128
    /// Per output token.
    let output: UInt128
    /// For the request itself.
    let request: UInt128

    /// The charge, rounded up to nano-dollars; nil beyond the range.
    func charge(_ input: Int, at rate: UInt128, output written: Int) -> Money? {
      guard let read = UInt128(exactly: input), let written = UInt128(exactly: written) else { return nil }
      let (a, overflowA) = read.multipliedReportingOverflow(by: rate)
      let (b, overflowB) = written.multipliedReportingOverflow(by: output)
      let (tokens, overflow) = a.addingReportingOverflow(b)
      let (sum, carry) = tokens.addingReportingOverflow(request)
      guard !overflowA, !overflowB, !overflow, !carry, let nanodollars = Int64(exactly: Self.up(sum, parts)),
        nanodollars <= Money.largest.nanodollars
      else { return nil }
      return Money(nanodollars: nanodollars)
    }

    /// The quotient, rounded up; by 64 bits where they are enough, which is much faster.
    private static func up(_ sum: UInt128, _ parts: UInt128) -> UInt128 {
      if let sum = UInt64(exactly: sum), let parts = UInt64(exactly: parts) {
        return UInt128(sum / parts + (sum % parts == 0 ? 0 : 1))
      }
      return sum / parts + (sum % parts == 0 ? 0 : 1)
    }
  }

  /// Whether the same is charged, whenever that holds.
  package func charges(as other: SpotPrices) -> Bool { tiers == other.tiers }

  /// The cost of a request of so many fresh input and output tokens, 0 or more; nil beyond the range.
  package func cost(input: Int, output: Int) -> Money? {
    guard let tier = tiers.first(where: { input <= $0.most }) else { return nil }
    return tier.charge(input, at: tier.input, output: output)
  }

  /// The most that an attempt can be billed; see ``Tariff/ceiling(input:output:besides:at:under:)``. Nil beyond the
  /// range.
  package func ceiling(input: Int, output: Int) -> Money? {
    var dearest = Money.zero
    for tier in tiers {
      guard let charge = tier.charge(min(input, tier.most), at: tier.dearestInput, output: output) else {
        return nil
      }
      dearest = max(dearest, charge)
      if input <= tier.most { break }
    }
    return dearest
  }
}

extension Tariff {
  /// The prices at `instant`; nil if some cannot be formed, which ``price(_:besides:free:at:under:)`` then explains.
  package func spotPrices(at instant: UTCInstant, under conditions: PriceConditions) -> SpotPrices? {
    SpotPrices(self, at: instant, under: conditions)
  }
}

extension SpotPrices {
  fileprivate init?(_ tariff: Tariff, at instant: UTCInstant, under conditions: PriceConditions) {
    guard let sheet = try? tariff.sheet(at: instant) else { return nil }
    var tiers: [Tier] = []
    for most in sheet.contextThresholds + [.max] {
      guard let rates = try? tariff.rates(totalInput: most, at: instant, under: conditions),
        let tier = Tier(rates, upTo: most)
      else { return nil }
      tiers.append(tier)
    }
    self.tiers = tiers
    var end = tariff.nextChange(after: instant) ?? UTCInstant(secondsSince1970: .max)
    let isTimed = sheet.rules.contains { if case .time = $0.condition { true } else { false } }
    if isTimed { end = min(end, instant.nextMinute) }
    guard instant < end else { return nil }
    validity = instant..<end
  }
}

extension SpotPrices.Tier {
  fileprivate init?(_ rates: RatesInForce, upTo most: Int) {
    let meters = rates.meters
    var listed: [Meter: (rate: Rate, multiplier: Multiplier)] = [:]
    for meter in meters.union([.input, .output])
    where meter.isInput || meter == .output || meter == .request {
      guard let price = try? rates.rate(of: meter) else { return nil }
      listed[meter] = price
    }
    var shared: UInt128 = 1
    for price in listed.values {
      let denominator = UInt128(price.multiplier.denominator)
      // Not the least common one, where that does not matter: it is divided out of the sum.
      if shared % denominator == 0 { continue }
      let (product, overflow) = shared.multipliedReportingOverflow(by: denominator)
      if overflow { return nil }
      shared = product
    }
    let (parts, overflow) = shared.multipliedReportingOverflow(by: 1_000)
    if overflow { return nil }
    func scaled(_ meter: Meter) -> UInt128? {
      guard let (rate, multiplier) = listed[meter] else { return 0 }
      let (top, overflow) = UInt128(rate.picodollars)
        .multipliedReportingOverflow(by: UInt128(multiplier.numerator))
      let (product, carry) = top.multipliedReportingOverflow(by: shared / UInt128(multiplier.denominator))
      return overflow || carry ? nil : product
    }
    guard let input = scaled(.input), let output = scaled(.output), let request = scaled(.request) else {
      return nil
    }
    var dearest = input
    for meter in listed.keys where meter.isInput {
      guard let rate = scaled(meter) else { return nil }
      dearest = max(dearest, rate)
    }
    self.init(
      most: most, parts: parts, input: input, dearestInput: dearest, output: output, request: request)
  }
}

extension UTCInstant {
  /// The first instant of the next minute; the end of time if there is none.
  fileprivate var nextMinute: UTCInstant {
    let past = secondsSince1970 % 60
    let (next, overflow) = secondsSince1970.addingReportingOverflow(60 - (past < 0 ? past + 60 : past))
    return UTCInstant(secondsSince1970: overflow ? .max : next)
  }
}
