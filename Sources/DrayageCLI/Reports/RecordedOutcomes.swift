import Drayage
import DrayageCore

/// What each of some requests really scored and cost at each model.
struct RecordedOutcomes {
  private let record: ScoredTable
  private let profile: TableProfile
  /// The row of each request, and how many requests it stands for; `nil` where the record lacks one.
  private let rows: [(row: Int?, weight: Double)]

  init(_ record: ScoredTable, of table: EstimateTable) throws {
    self.record = record
    profile = try TableProfile(record)
    let rowOf = Dictionary(uniqueKeysWithValues: record.queryIDs.enumerated().map { ($1, $0) })
    rows = table.requests.enumerated().map { (rowOf[$1], table.weights?[$0] ?? 1) }
  }

  /// What an offer for all of them cost and reached; `nil` unless all of it was recorded.
  func totals(of offer: Offer) -> Plan.Totals? {
    guard let model = profile.model(of: offer) else { return nil }
    var (cost, quality, count) = (0.0, 0.0, 0.0)
    for (row, weight) in rows {
      guard let row, let score = record.score(query: row, model: model),
        let price = record.cost(query: row, model: model)
      else { return nil }
      cost += weight * Double(price.nanodollars)
      quality += weight * score
      count += weight
    }
    guard let nanodollars = Int64(exactly: cost.rounded()) else { return nil }
    return Plan.Totals(cost: Money(nanodollars: nanodollars), meanQuality: quality / max(count, 1))
  }
}
