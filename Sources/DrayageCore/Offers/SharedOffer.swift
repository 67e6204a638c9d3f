/// An offer in a place of its own, for values that name it without copying its parts.
package final class SharedOffer: Hashable, Sendable {
  package let offer: Offer

  package init(_ offer: Offer) { self.offer = offer }

  package static func == (a: SharedOffer, b: SharedOffer) -> Bool { a === b || a.offer == b.offer }

  package func hash(into hasher: inout Hasher) { hasher.combine(offer.id) }
}
