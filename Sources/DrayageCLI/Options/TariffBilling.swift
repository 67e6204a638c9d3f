import ArgumentParser
import Drayage
import DrayageCore

/// Bills simulated answers by a catalog's tariffs.
struct TariffBilling: Sendable {
  private let offers: [String: Offer]
  private let instant: UTCInstant

  /// - Throws: if the catalog does not sell one of the models at one price.
  init(_ catalog: Catalog, models: [String], at instant: UTCInstant) throws {
    var offers: [String: Offer] = [:]
    for model in models {
      guard let offer = catalog.offers.first(where: { $0.wireModel == model }) else {
        throw ValidationError("the catalog has no offer whose name on the wire is '\(model)'")
      }
      _ = try offer.price(TokenUsage(input: 1, output: 1), at: instant)
      offers[model] = offer
    }
    self.offers = offers
    self.instant = instant
  }

  /// What an answer costs.
  func price(_ model: String, _ usage: TokenUsage) -> Money {
    // Every model was priced at the start; a usage that cannot be priced then is beyond any real one.
    offers[model].flatMap { try? $0.price(usage, at: instant).total } ?? .largest
  }
}
