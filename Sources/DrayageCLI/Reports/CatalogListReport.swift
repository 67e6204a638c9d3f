import Drayage
import DrayageCore

/// The list of what is on sale.
struct CatalogListReport {
  let listing: CatalogListing
  let mix: String

  private struct Document: Encodable {
    struct Entry: Encodable {
      let offer: String
      let model: String
      let provider: String
      let service: String
      let efforts: [String]
      let blendedUsdPerMillion: String?
      let ratesUsd: [String: String]
      let contextTokens: Int?
      let capabilities: [String]
      let openWeights: Bool
    }

    let mix: String
    let entries: [Entry]
    let offers: Int
  }

  var text: String {
    var table = TextTable(
      ["offer", "blended", "in", "out", "cache_read", "context", "efforts", "model"], leading: [0, 6, 7])
    for entry in listing.entries {
      table.add([
        entry.name, entry.blended.map(Self.dollars) ?? "-", rate(entry, .input), rate(entry, .output),
        rate(entry, .cacheRead), entry.offer.limits.context.map(String.init) ?? "-",
        entry.efforts.joined(separator: ","), entry.offer.model,
      ])
    }
    let sum = "\(listing.entries.count) entries, \(listing.offerCount) offers with each effort counted"
    let unit = "dollars per million tokens; blended at \(mix) of input to output"
    return listing.entries.isEmpty
      ? "nothing on sale matches" : (table.lines + ["\(sum); \(unit)"]).joined(separator: "\n")
  }

  private func rate(_ entry: CatalogListing.Entry, _ meter: Meter) -> String {
    entry.rates[meter].map { meter.words($0) } ?? "-"
  }

  private static func dollars(_ rate: Rate) -> String {
    String(rate.description.dropFirst().dropLast(2))
  }

  var json: String {
    get throws {
      try JSONReport.text(
        Document(
          mix: mix,
          entries: listing.entries.map { entry in
            .init(
              offer: entry.name, model: entry.offer.model, provider: entry.offer.provider,
              service: entry.offer.service, efforts: entry.efforts,
              blendedUsdPerMillion: entry.blended.map(Self.dollars),
              ratesUsd: Dictionary(uniqueKeysWithValues: entry.rates.map { ($0.key, $0.words($1)) }),
              contextTokens: entry.offer.limits.context,
              capabilities: entry.offer.capabilities.sorted().map(\.rawValue),
              openWeights: entry.offer.openWeights)
          }, offers: listing.offerCount))
    }
  }
}
