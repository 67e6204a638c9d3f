import DrayageCore

/// The rows begun and not ended, with the target that each is at. Sums are kept, for those that wait for jobs may be
/// many, and whoever wants to spend asks for them.
struct RowsUnderWay {
  struct Entry {
    let planned: PlannedRow
    let target: Int
    /// Whether its current attempt holds money.
    fileprivate(set) var holdsMoney = false

    fileprivate var estimate: Int64 { planned.cells[target].cost }
  }

  private var entries: [Int: Entry] = [:]
  /// The lines of those that hold no money.
  private var moneyless: Set<Int> = []
  /// The estimates of those that do, by target, in nano-dollars.
  private var estimates: [Double]

  init(targets: Int) { estimates = Array(repeating: 0, count: targets) }

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }
  var all: some Collection<Entry> { entries.values }
  /// Those that hold no money.
  var withoutMoney: some Sequence<Entry> { moneyless.lazy.compactMap { entries[$0] } }

  func contains(_ line: Int) -> Bool { entries[line] != nil }

  /// Takes a row on, or has it go on at another target. It holds no money.
  mutating func put(_ planned: PlannedRow, at target: Int) {
    let line = planned.row.line
    releaseMoney(line)
    entries[line] = Entry(planned: planned, target: target)
    moneyless.insert(line)
  }

  /// Money is held for a row's current attempt.
  mutating func holdMoney(_ line: Int) {
    guard let entry = entries[line], !entry.holdsMoney else { return }
    entries[line]?.holdsMoney = true
    moneyless.remove(line)
    estimates[entry.target] += Double(entry.estimate)
  }

  /// No money is held for a row any more.
  mutating func releaseMoney(_ line: Int) {
    guard let entry = entries[line], entry.holdsMoney else { return }
    entries[line]?.holdsMoney = false
    moneyless.insert(line)
    estimates[entry.target] -= Double(entry.estimate)
  }

  mutating func remove(_ line: Int) {
    releaseMoney(line)
    entries[line] = nil
    moneyless.remove(line)
  }

  /// What those that hold money are expected to cost.
  func expectedCost(_ corrections: [CostCorrection]) -> Money {
    let sum = zip(estimates, corrections).reduce(0) { $0 + $1.0 * $1.1.ratio }
    return Money(nanodollars: Int64(min(max(sum, 0), Double(Money.largest.nanodollars)).rounded(.up)))
  }
}
