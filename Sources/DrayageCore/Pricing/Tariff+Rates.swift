extension Tariff {
  /// A rate as it holds for a request, with the product of the multipliers on it.
  public struct ListedRate: Hashable, Sendable {
    /// The rate of one unit before multipliers.
    public let rate: Rate
    /// The product of the multipliers that apply.
    public let multiplier: Multiplier
  }

  /// The rates of a request of `input` tokens made at `instant`, by meter.
  ///
  /// - Throws: ``TariffError`` if no sheet holds then, the service is not sold, or two rules contradict.
  public func rates(
    input: Int = 0, at instant: UTCInstant, under conditions: PriceConditions = PriceConditions()
  ) throws(TariffError) -> [Meter: ListedRate] {
    let inForce = try rates(totalInput: input, at: instant, under: conditions)
    var rates: [Meter: ListedRate] = [:]
    for meter in inForce.meters {
      if let (rate, multiplier) = try inForce.rate(of: meter) {
        rates[meter] = ListedRate(rate: rate, multiplier: multiplier)
      }
    }
    return rates
  }

  /// The first instant after `instant` at which another sheet comes into force or one ends; nil if none is
  /// known. Times of day that move a price are no such change.
  public func nextChange(after instant: UTCInstant) -> UTCInstant? {
    sheets.flatMap { [$0.from, $0.until] }.compactMap(\.self).filter { $0 > instant }.min()
  }

  /// What a million tokens cost if of every `input + output` of them so many are fresh input and output, in a
  /// request without a long context; nil if a rate is missing. Rounded up to the pico-dollar per token.
  public func blended(
    input: Int = 3, output: Int = 1, at instant: UTCInstant, under conditions: PriceConditions
  ) throws(TariffError) -> Rate? {
    precondition(input >= 0 && output >= 0 && input + output > 0 && max(input, output) <= 1_000_000)
    let rates = try rates(at: instant, under: conditions)
    guard let fresh = rates[.input], let written = rates[.output] else { return nil }
    let (a, b) = (fresh.multiplier, written.multiplier)
    let sum =
      Int128(input) * Int128(fresh.rate.picodollars) * Int128(a.numerator) * Int128(b.denominator)
      + Int128(output) * Int128(written.rate.picodollars) * Int128(b.numerator) * Int128(a.denominator)
    let parts = Int128(input + output) * Int128(a.denominator) * Int128(b.denominator)
    guard let picodollars = Int64(exactly: (sum + parts - 1) / parts) else {
      throw tooLarge("the blended price")
    }
    return Rate(picodollars: picodollars)
  }
}
