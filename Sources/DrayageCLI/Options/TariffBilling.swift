import ArgumentParser
import Drayage
import DrayageCore

/// Bills simulated answers by a catalog's tariffs.
struct TariffBilling: Sendable {
  private let offers: [String: Offer]
  /// How batches of a model are sold, where they are.
  private let batchOffers: [String: Offer]
  private let instant: UTCInstant

  /// - Throws: if the catalog does not sell one of the models at one price.
  init(_ catalog: Catalog, models: [String], at instant: UTCInstant) throws {
    var offers: [String: Offer] = [:]
    var batchOffers: [String: Offer] = [:]
    for model in models {
      let named = catalog.offers.filter {
        $0.answersLiveRequests && ($0.wireModel == model || $0.model == model)
      }
      guard let offer = named.first, named.count == 1 else {
        throw ValidationError(
          named.isEmpty
            ? "the catalog has no offer of the model '\(model)'"
            : "the catalog has \(named.count) offers of the model '\(model)'; one is needed to bill by")
      }
      _ = try offer.price(TokenUsage(input: 1, output: 1), at: instant)
      offers[model] = offer
      batchOffers[model] = catalog.offers.first {
        $0.service == "batch" && $0.provider == offer.provider && $0.wireModel == offer.wireModel
          && $0.effort == offer.effort
      }
    }
    self.offers = offers
    self.batchOffers = batchOffers
    self.instant = instant
  }

  /// What an answer costs.
  func price(_ model: String, _ usage: TokenUsage) -> Money {
    // Every model was priced at the start; a usage that cannot be priced then is beyond any real one.
    offers[model].flatMap { try? $0.price(usage, at: instant).total } ?? .largest
  }
  /// What an answer of a batch costs: the live price where the catalog sells no batches of the model.
  func batchPrice(_ model: String, _ usage: TokenUsage) -> Money {
    batchOffers[model].flatMap { try? $0.price(usage, at: instant).total } ?? price(model, usage)
  }
}
