import DrayageCore

/// Rows that wait to be begun, by the target that is planned for each, the dearest first: those with the highest
/// ceilings. Not those that are expected to cost the most: whose estimates are too high, for the most part, so that
/// what is left would cost more than all of them let expect.
struct WaitingRows {
  private struct Entry {
    let planned: PlannedRow
    let ceiling: Money
  }

  /// Ascending, once sorted.
  private var rows: [[Entry]]
  /// In no order: rows that are begun before all others.
  private var urgent: [PlannedRow] = []
  private(set) var count = 0

  init(targets: Int) {
    rows = Array(repeating: [], count: targets)
    sizes = Array(repeating: 0, count: targets)
  }

  mutating func add(urgent planned: PlannedRow) {
    urgent.append(planned)
    count += 1
  }

  /// - Parameter ceiling: the most that it can cost there.
  mutating func add(_ planned: PlannedRow, at target: Int, ceiling: Money) {
    rows[target].append(Entry(planned: planned, ceiling: ceiling))
    count += 1
  }

  /// How many rows of each target there were when they were sorted.
  private var sizes: [Int]

  /// To be called once all rows are there; of equal ceilings, the first line goes first.
  mutating func sort() {
    sizes = rows.map(\.count)
    urgent.sort { $0.row.line > $1.row.line }
    for target in rows.indices {
      rows[target].sort { ($0.ceiling, $1.planned.row.line) < ($1.ceiling, $0.planned.row.line) }
    }
  }

  /// All of them.
  var all: [PlannedRow] { urgent + rows.joined().map(\.planned) }

  /// The targets that rows wait for, the one with the dearest row first; or, where there is a time to keep, the one
  /// first that has the largest part of its rows left: else limits that refill would stand idle, and be short later.
  func targets(paced: Bool) -> [Int] {
    func left(_ target: Int) -> Double {
      paced ? -Double(rows[target].count) / Double(max(1, sizes[target])) : 0
    }
    return rows.indices.compactMap { target in rows[target].last.map { (target, $0) } }
      .sorted {
        (left($0.0), $1.1.ceiling, $0.1.planned.row.line) < (left($1.0), $0.1.ceiling, $1.1.planned.row.line)
      }
      .map(\.0)
  }

  /// The dearest row of a target.
  func peek(_ target: Int) -> PlannedRow? { rows[target].last?.planned }

  /// Takes the dearest row of a target.
  mutating func pop(_ target: Int) -> PlannedRow? {
    guard let entry = rows[target].popLast() else { return nil }
    count -= 1
    return entry.planned
  }

  /// Whether there are rows that are begun before all others.
  var hasUrgent: Bool { !urgent.isEmpty }

  /// Takes a row that is begun before all others.
  mutating func popUrgent() -> PlannedRow? {
    guard let planned = urgent.popLast() else { return nil }
    count -= 1
    return planned
  }
}
