/// An offer in a place of its own, for values that name it without copying its parts.
package final class SharedOffer: Hashable, Sendable {
  package let offer: Offer

  package init(_ offer: Offer) { self.offer = offer }

  package static func == (a: SharedOffer, b: SharedOffer) -> Bool { a === b || a.offer == b.offer }

  package func hash(into hasher: inout Hasher) { hasher.combine(offer.id) }
}

// Asked here and not of ``offer``, which another module would copy first.
extension SharedOffer {
  /// See ``Offer/rejection(of:at:)``.
  package func rejection(of request: Request, at instant: UTCInstant) -> Rejection? {
    offer.rejection(of: request, at: instant)
  }

  /// Its name.
  package var id: OfferID { offer.id }

  /// See ``Offer/price(_:at:)``.
  package func price(_ usage: MeteredUsage, at instant: UTCInstant) throws(TariffError) -> Bill {
    try offer.price(usage, at: instant)
  }

  /// See ``Offer/outputLimit(for:)``.
  package func outputLimit(for request: Request) -> Int? { offer.outputLimit(for: request) }
}
