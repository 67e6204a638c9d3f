internal import DrayageCore

extension CatalogFile {
  /// More offers than all of the market has.
  static let mostOffers = 100_000

  /// The offers of all blocks: of each, one for every effort and every service that its rate sheets sell.
  ///
  /// - Parameter known: how many there are in other files already.
  /// - Throws: ``InputError`` if the sheets of a block do not fit each other, or there are too many offers.
  func offers(besides known: Int = 0) throws(InputError) -> [Offer] {
    var offers: [Offer] = []
    for entry in blocks {
      let block = entry.value
      let tariff = try tariff(of: entry)
      var services = [PriceConditions.standardService]
      for service in block.sheets.flatMap(\.value.services) where !services.contains(service) {
        services.append(service)
      }
      let efforts: [String?] = block.efforts.isEmpty ? [nil] : block.efforts
      guard known + offers.count + efforts.count * services.count <= Self.mostOffers else {
        throw InputError(
          .tooLarge, file: name, line: entry.line, key: entry.key,
          message:
            "there are more than \(Self.mostOffers) offers by here, each effort and service counted; leave some out"
        )
      }
      for effort in efforts {
        for service in services {
          guard let id = OfferID(provider: provider, name: block.id, effort: effort, service: service) else {
            throw InputError(
              .value, file: name, line: entry.line, key: entry.key,
              message: "the parts make no name of an offer")
          }
          offers.append(
            Offer(
              id: id, wireModel: block.wireModel, model: block.model, aliases: block.aliases, tariff: tariff,
              limits: block.limits, capabilities: block.capabilities, openWeights: block.openWeights,
              dataPolicy: block.dataPolicy, endpoint: endpoint, quotas: quotas.map(\.value.name),
              retires: block.retires, replacement: block.replacement?.id))
        }
      }
    }
    return offers
  }

  /// The tariff of a block.
  func tariff(of entry: Entry<OfferBlock>) throws(InputError) -> Tariff {
    do {
      return try Tariff(
        name: "\(provider)/\(entry.value.id)", origin: name, sheets: entry.value.sheets.map(\.value))
    } catch {
      throw InputError(
        .value, file: name, line: entry.line, key: "\(entry.key).rates", message: error.message)
    }
  }
}
