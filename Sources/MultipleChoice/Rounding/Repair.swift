/// Moves groups to other options until every constraint is kept, each time by the move that costs least per
/// unit of excess it removes.
struct Repair {
  let scaled: ScaledProblem
  let critical: CriticalGroups

  /// Says whether it got there.
  func run(_ assignment: inout [Int], _ activities: inout Activities) -> Bool {
    let groups = Array(critical.order.prefix(Self.mostGroups))
    for _ in 0..<200 + 20 * scaled.rowCount {
      if activities.excess <= 0 { return true }
      let missed = activities.missed
      var best: (rate: Double, at: Int, option: Int)?
      for (at, group) in groups.enumerated() {
        let from = assignment[group.index]
        for option in group.options where option != from {
          guard
            missed.contains(where: {
              activities.helps($0, group.position, group.segment, from: from, to: option)
            })
          else { continue }
          let change = activities.change(group.position, group.segment, from: from, to: option)
          guard change < -1e-12 else { continue }
          let cost = max(0, critical.cost(group, from: from, to: option)) + Self.leastCost
          let rate = cost / -change
          if rate < best?.rate ?? .infinity { best = (rate, at, option) }
        }
      }
      guard let best else { return false }
      let group = groups[best.at]
      activities.move(group.position, group.segment, from: assignment[group.index], to: best.option)
      assignment[group.index] = best.option
    }
    return activities.excess <= 0
  }

  private static let mostGroups = 5_000
  /// Of moves that cost nothing, the one that removes most comes first.
  private static let leastCost = 1e-6
}
