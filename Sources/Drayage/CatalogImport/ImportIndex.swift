internal import DrayageCore

/// The offers that are known, to be found by the names that price lists use.
struct ImportIndex {
  /// The offers of one block: its efforts and services.
  struct Known {
    var offers: [Offer]
    var name: String { offers[0].id.name }
    /// The provider and the name, for reports.
    var path: String { "\(offers[0].provider)/\(name)" }

    /// The offer of `service`; nil if it is not sold so.
    func offer(service: String) -> Offer? { offers.first { $0.service == service } }

    var efforts: [String] {
      var efforts: [String] = []
      for case let effort? in offers.map(\.effort) where !efforts.contains(effort) { efforts.append(effort) }
      return efforts
    }
  }

  private var blocks: [String: Known] = [:]
  private var names: [String: String] = [:]
  /// The canonical names of models, by what is left of them without dates and the like.
  private var models: [String: Set<String>] = [:]
  private var endpoints: [String: [Endpoint]] = [:]

  init(_ catalog: Catalog) {
    for offer in catalog.offers {
      let path = "\(offer.provider)/\(offer.id.name)"
      blocks[path, default: Known(offers: [])].offers.append(offer)
      for name in [offer.id.name, offer.wireModel] + offer.aliases {
        let key = "\(offer.provider)/\(name)".lowercased()
        // An alias never takes a name away from the offer that bears it.
        if names[key] == nil || name == offer.id.name { names[key] = path }
      }
      models[ImportNames.root(of: offer.model), default: []].insert(offer.model)
      if let endpoint = offer.endpoint, endpoints[offer.provider]?.contains(endpoint) != true {
        endpoints[offer.provider, default: []].append(endpoint)
      }
    }
  }

  /// The block of `provider` that goes by `name`, in requests or as an alias, in whatever case.
  func block(_ name: String, at provider: String) -> Known? {
    let names = [name, ImportNames.offer(name, at: provider)].map { "\(provider)/\($0)" }
    for name in names {
      if let known = blocks[name] { return known }
    }
    for name in names {
      if let path = self.names[name.lowercased()] { return blocks[path] }
    }
    return nil
  }

  /// The canonical name of the model that is called `name` somewhere.
  ///
  /// One that is alike, or the last part of `name` in small letters if none is, or several are.
  func model(_ name: String) -> String {
    let own = String((name.split(separator: "/").last ?? "").lowercased())
    let alike = models[ImportNames.root(of: name), default: []]
    return alike.count == 1 ? alike.first ?? own : own
  }

  /// Where the provider's requests of that kind are sent; nil if it is not known, or there are several.
  func endpoint(of provider: String, onlyResponses: Bool) -> Endpoint? {
    let responses = Endpoint.Dialect(rawValue: "openai-responses")
    let those = endpoints[provider, default: []].filter { ($0.dialect == responses) == onlyResponses }
    return those.count == 1 ? those[0] : nil
  }
}
