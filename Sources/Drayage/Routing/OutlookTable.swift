import DrayageCore

/// What every offer is expected to answer, by workload and limit on output, kept for the hour as the forecasts
/// behind it are.
struct OutlookTable: Sendable {
  private struct Key: Hashable {
    let workload: String
    let maxOutputTokens: Int?
  }

  /// Workloads and limits come from outside and must not fill the memory.
  private static let mostRows = 1_000

  private let offers: Int
  private var hour: Int64 = .min
  private var rowOf: [Key: Int] = [:]
  private var cells: [Estimator.Outlook?] = []

  init(offers: Int) { self.offers = offers }

  /// The row of a request at `instant`.
  mutating func row(of request: Request, at instant: UTCInstant) -> Int {
    let hour = instant.secondsSince1970 / 3_600
    if hour != self.hour || rowOf.count >= Self.mostRows {
      self.hour = hour
      rowOf.removeAll(keepingCapacity: true)
      cells.removeAll(keepingCapacity: true)
    }
    let key = Key(workload: request.workload, maxOutputTokens: request.maxOutputTokens)
    if let row = rowOf[key] { return row }
    rowOf[key] = rowOf.count
    cells += Array(repeating: nil, count: offers)
    return rowOf.count - 1
  }

  /// What an offer is expected to answer to the requests of a row; `nil` if that is not known yet.
  subscript(row: Int, offer: Int) -> Estimator.Outlook? {
    get { cells[row * offers + offer] }
    set { cells[row * offers + offer] = newValue }
  }
}
