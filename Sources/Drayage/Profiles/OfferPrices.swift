import DrayageCore

/// An offer's prices, kept as long as they hold: forming them takes a hundred times as long as using them.
struct OfferPrices: Sendable {
  private var spot: SpotPrices?

  /// The cost of so many fresh input and output tokens at `instant`.
  mutating func cost(
    of offer: Offer, input: Int, output: Int, at instant: UTCInstant
  ) throws(TariffError) -> Money {
    refresh(offer, instant)
    if let cost = spot?.cost(input: input, output: output) { return cost }
    return try offer.price(TokenUsage(input: input, output: output), at: instant).total
  }

  /// The most that an attempt can be billed at `instant`.
  mutating func ceiling(
    of offer: Offer, input: Int, output: Int, at instant: UTCInstant
  ) throws(TariffError) -> Money {
    refresh(offer, instant)
    if let ceiling = spot?.ceiling(input: input, output: output) { return ceiling }
    return try offer.ceiling(input: input, output: output, at: instant)
  }

  private mutating func refresh(_ offer: Offer, _ instant: UTCInstant) {
    if spot?.validity.contains(instant) == true { return }
    spot = offer.tariff.spotPrices(at: instant, under: offer.conditions)
  }
}
