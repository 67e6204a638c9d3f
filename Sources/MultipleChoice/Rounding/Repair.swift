/// Moves groups to other options until every constraint is kept, each time by the move that costs least per
/// unit of excess it removes. Where no move does, excess of the rows still missed counts for more, so that it
/// can be traded for that of others: the breakout method of P. Morris, "The breakout method for escaping from
/// local minima", AAAI 1993.
struct Repair {
  let scaled: ScaledProblem
  let critical: CriticalGroups
  let watch: SolveWatch

  private static let mostGroups = 5_000
  /// How often groups further from a tie are called in where the near ones do not help.
  private static let mostCalls = 4
  private static let mostStuck = 60
  /// Of so many moves that would help, those of the groups nearest to a tie, the best is good enough.
  private static let mostUseful = 2_000
  private static let groupsPerCall = 300
  /// Groups looked at in one call for one row.
  private static let mostLooked = 20_000
  /// Of moves that cost nothing, the one that removes most comes first.
  private static let leastCost = 1e-6

  /// Says whether it got there.
  func run(_ assignment: inout [Int], _ activities: inout Activities) -> Bool {
    var groups = Array(critical.order.prefix(Self.mostGroups))
    var stuck = 0
    for _ in 0..<200 + 20 * scaled.rowCount {
      let missed = activities.missed
      if missed.isEmpty { return true }
      if watch.shouldStop { return false }
      var best: (rate: Double, at: Int, option: Int)?
      var useful = 0
      for (at, group) in groups.enumerated() {
        let from = assignment[group.index]
        for option in group.options where option != from {
          guard let rate = rate(of: group, from, option, missed, activities) else { continue }
          useful += 1
          if rate < best?.rate ?? .infinity { best = (rate, at, option) }
        }
        if useful >= Self.mostUseful { break }
      }
      if let best {
        let group = groups[best.at]
        activities.move(group.position, group.segment, from: assignment[group.index], to: best.option)
        assignment[group.index] = best.option
      } else {
        stuck += 1
        guard stuck <= Self.mostStuck else { return false }
        for k in missed { activities.weights[k] *= 2 }
        if stuck <= Self.mostCalls { groups += helpers(for: missed, assignment, activities) }
      }
    }
    return activities.missed.isEmpty
  }

  /// What a move costs per unit of excess removed; `nil` if it removes none.
  private func rate(
    of group: CriticalGroups.Group, _ from: Int, _ to: Int, _ missed: [Int], _ activities: Activities
  ) -> Double? {
    guard
      missed.contains(where: { activities.helps($0, group.position, group.segment, from: from, to: to) })
    else { return nil }
    let change = activities.change(group.position, group.segment, from: from, to: to)
    guard change < -1e-12 else { return nil }
    return (max(0, critical.cost(group, from: from, to: to)) + Self.leastCost) / -change
  }

  /// Groups anywhere whose moves lessen the excess of missed rows, the cheapest of each row.
  private func helpers(
    for missed: [Int], _ assignment: [Int], _ activities: Activities
  ) -> [CriticalGroups.Group] {
    let layout = scaled.columns.layout
    return missed.flatMap { k -> [CriticalGroups.Group] in
      let row = scaled.rows[k].sum
      let runs = layout.runs.filter { row.isSegment[$0.segment] }
      let total = runs.reduce(0) { $0 + $1.positions.count }
      let step = max(1, total / Self.mostLooked)
      var found: [(rate: Double, group: CriticalGroups.Group)] = []
      for run in runs {
        for position in stride(from: run.positions.lowerBound, to: run.positions.upperBound, by: step) {
          let group = critical.group(Int(layout.groupAt[position]), position, run.segment)
          let from = assignment[group.index]
          let rates = group.options.compactMap { option in
            option == from ? nil : rate(of: group, from, option, [k], activities)
          }
          if let rate = rates.min() { found.append((rate, group)) }
        }
      }
      found.sort { ($0.rate, $0.group.index) < ($1.rate, $1.group.index) }
      return found.prefix(Self.groupsPerCall).map(\.group)
    }
  }
}
