import Drayage
import DrayageCore

/// What two catalogs differ in.
struct CatalogDifferenceReport {
  let difference: CatalogDifference

  private struct Document: Encodable {
    struct Price: Encodable {
      let offer: String
      let meter: String
      let before: String?
      let after: String?
    }

    struct Other: Encodable {
      let offer: String
      let terms: [String]
    }

    let added: [String]
    let removed: [String]
    let prices: [Price]
    let others: [Other]
  }

  var json: String {
    get throws {
      try JSONReport.text(
        Document(
          added: difference.added, removed: difference.removed,
          prices: difference.prices.map {
            .init(
              offer: $0.offer, meter: $0.meter.key, before: $0.before?.description,
              after: $0.after?.description)
          }, others: difference.others.map { .init(offer: $0.offer, terms: $0.terms) }))
    }
  }

  var text: String {
    if difference.isEmpty { return "no difference" }
    var lines = difference.removed.map { "- \($0)" } + difference.added.map { "+ \($0)" }
    for change in difference.prices {
      let (before, after) = (change.before.map(change.meter.listed), change.after.map(change.meter.listed))
      lines.append("~ \(change.offer): \(change.meter) \(before ?? "none") -> \(after ?? "none")")
    }
    for change in difference.others {
      lines.append("~ \(change.offer): \(change.terms.joined(separator: ", "))")
    }
    let counts = [
      "\(difference.added.count) added", "\(difference.removed.count) removed",
      "\(difference.prices.count) prices changed", "\(difference.others.count) with other terms",
    ]
    return (lines + [counts.joined(separator: ", ")]).joined(separator: "\n")
  }
}
