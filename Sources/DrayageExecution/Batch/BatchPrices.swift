import DrayageCore

/// The prices of a batch's offers, as plans were last made at them.
struct BatchPrices {
  private let offers: [Offer]
  private var prices: [SpotPrices?]
  /// The first instant at which one of them may be another.
  private var end: UTCInstant

  init(of offers: [Offer], at instant: UTCInstant) {
    self.offers = offers
    prices = offers.map { $0.tariff.spotPrices(at: instant, under: $0.conditions) }
    end = Self.end(offers, prices, instant)
  }

  private static func end(_ offers: [Offer], _ prices: [SpotPrices?], _ instant: UTCInstant) -> UTCInstant {
    zip(offers, prices).compactMap { $1?.validity.upperBound ?? $0.tariff.nextChange(after: instant) }.min()
      ?? UTCInstant(secondsSince1970: .max)
  }

  /// Takes over the prices of `instant`.
  ///
  /// - Returns: whether they are others than before.
  mutating func advance(to instant: UTCInstant) -> Bool {
    guard instant >= end else { return false }
    let new = offers.map { $0.tariff.spotPrices(at: instant, under: $0.conditions) }
    let isChanged = zip(prices, new).contains { old, new in
      guard let old, let new else { return (old == nil) != (new == nil) }
      return !new.charges(as: old)
    }
    prices = new
    end = Self.end(offers, new, instant)
    return isChanged
  }
}
