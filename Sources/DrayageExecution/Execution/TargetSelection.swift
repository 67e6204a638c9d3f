import Drayage
package import DrayageCore

/// Which offers of a catalog can be reached, where, and with which secret.
package struct TargetSelection {
  private let catalog: Catalog
  private let names: [String]?
  private let baseURLs: [String]
  private let environment: [String: String]
  private let takesJobs: Bool

  /// - Parameters:
  ///   - offers: only these; `nil` for all.
  ///   - takesJobs: whether offers of batch interfaces are wanted too.
  ///   - baseURLs: `URL` for all providers, or `PROVIDER=URL` for one, which goes first.
  ///   - environment: where the secrets are.
  /// - Throws: ``AddressError`` if an address is for a provider that the catalog does not have: its requests
  ///   would go elsewhere.
  package init(
    catalog: Catalog, offers: [String]?, takesJobs: Bool = false, baseURLs: [String],
    environment: [String: String]
  ) throws(AddressError) {
    let providers = Set(catalog.offers.map(\.provider))
    for text in baseURLs {
      guard let provider = Self.provider(in: text), !providers.contains(provider) else { continue }
      throw AddressError(provider: provider, known: providers.sorted())
    }
    self.catalog = catalog
    names = offers
    self.baseURLs = baseURLs
    self.environment = environment
    self.takesJobs = takesJobs
  }

  /// The offers that can be reached, and for the others the reason why not.
  ///
  /// - Throws: ``CatalogError`` if an offer is named that the catalog does not have.
  package func targets() throws(CatalogError) -> (targets: [Target], unreachable: [(OfferID, Rejection)]) {
    var chosen = catalog.offers
    if let names {
      chosen = []
      for name in names { chosen.append(try catalog.offer(named: name)) }
    }
    var targets: [Target] = []
    var unreachable: [(OfferID, Rejection)] = []
    for offer in chosen {
      do throws(Rejection) {
        targets.append(try target(offer))
      } catch {
        unreachable.append((offer.id, error))
      }
    }
    return (targets, unreachable)
  }

  private func target(_ offer: Offer) throws(Rejection) -> Target {
    guard let endpoint = offer.endpoint else {
      throw .unreachable("the catalog does not say how to reach it; add \"api\" to its file")
    }
    guard let dialect = Dialects.named(endpoint.dialect, provider: offer.provider) else {
      throw .unreachable(
        "the dialect \(endpoint.dialect) is not spoken; those are "
          + Dialects.names.map(\.rawValue).joined(separator: ", "))
    }
    guard offer.answersLiveRequests || takesJobs && offer.service == "batch" else {
      throw .notLive(service: offer.service)
    }
    let override = override(for: offer.provider)
    guard let baseURL = override ?? endpoint.baseURL else {
      throw .unreachable("it has no address of its own; give one as \(offer.provider)=URL")
    }
    let key = endpoint.keyEnvironment.flatMap { environment[$0] }.flatMap { $0.isEmpty ? nil : $0 }
    if let variable = endpoint.keyEnvironment, key == nil, override == nil {
      throw .unreachable("no key; set the environment variable \(variable)")
    }
    let target = Target(offer: offer, dialect: dialect, baseURL: baseURL, key: key)
    guard !target.takesJobs || BatchServices.serve(target) else {
      throw .unreachable("jobs in its provider's batch interface are not spoken")
    }
    // Its effort and its service may have no place in the format, whatever the request.
    if let rejection = target.rejectionOfAny { throw rejection }
    return target
  }

  private func override(for provider: String) -> String? {
    if let own = baseURLs.last(where: { Self.provider(in: $0) == provider }) {
      return String(own.dropFirst(provider.count + 1))
    }
    return baseURLs.last { Self.provider(in: $0) == nil }
  }

  /// The provider that `PROVIDER=URL` names; `nil` for a bare URL, whose first `=` stands behind a slash if
  /// anywhere.
  private static func provider(in text: String) -> String? {
    let head = text.prefix { $0 != "/" }
    return head.firstIndex(of: "=").map { String(head[..<$0]) }
  }
}

extension TargetSelection: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The number of offers to select from.
  package var description: String { "a selection from \(names?.count ?? catalog.offers.count) offers" }
  /// The same as the description.
  package var debugDescription: String { description }
  /// Without children: `dump` would show the environment.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// An address for a provider that the catalog does not have.
package struct AddressError: Error, CustomStringConvertible {
  /// What is wrong and what to do.
  package let description: String

  init(provider: String, known: [String]) {
    description =
      "an address is given for \(InputError.quoted(provider)), which the catalog does not have; "
      + Spelling.advice(for: provider, among: known)
  }
}
