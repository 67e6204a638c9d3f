import Drayage
import DrayageCore

/// What each of some requests really scored and cost at each model.
struct RecordedOutcomes {
  private let record: ScoredTable
  private let profile: TableProfile
  /// The row of each request; `nil` where the record lacks one.
  private let rows: [Int?]

  init(_ record: ScoredTable, of requests: [String]) throws {
    self.record = record
    profile = try TableProfile(record)
    let rowOf = Dictionary(uniqueKeysWithValues: record.queryIDs.enumerated().map { ($1, $0) })
    rows = requests.map { rowOf[$0] }
  }

  /// What an offer for all of them cost and reached; `nil` unless all of it was recorded.
  func totals(of offer: Offer) -> Plan.Totals? {
    guard let model = profile.model(of: offer) else { return nil }
    var totals = Plan.Totals(cost: .zero, meanQuality: 0)
    for row in rows {
      guard let row, let score = record.score(query: row, model: model),
        let cost = record.cost(query: row, model: model)
      else { return nil }
      totals.cost += cost
      totals.meanQuality += score / Double(rows.count)
    }
    return totals
  }
}
