@testable import MultipleChoice

/// Seeded instances: a price and a skill per option, a size and a difficulty per group, and constraints of every kind.
struct InstanceGenerator {
  var groups = 60
  var options = 5
  var classes = 3
  var ties = false
  var binary = false
  /// How tight the limits are: 0 forbids, 1 hardly binds.
  var room = 0.4
  /// Whether cost is minimized above quality floors, instead of quality maximized within budgets.
  var minimizes = false

  func problem(seed: UInt64) throws -> ChoiceProblem {
    var random = SplitMix64(seed: seed)
    let prices = (0..<options).map { _ in 0.5 + 20 * random.unit() * random.unit() }
    let skills = (0..<options).map { j in prices[j] / 10 + random.unit() }
    var cost = Array(repeating: 0.0, count: groups * options)
    var quality = cost
    var eligible = Array(repeating: true, count: groups * options)
    for i in 0..<groups {
      let size = ties ? 1 + Double(i % 3) : 0.2 + 3 * random.unit()
      let difficulty = 2.5 * random.unit()
      for j in 0..<options {
        let at = j * groups + i
        cost[at] = (prices[j] * size * 1e6).rounded()
        let distance = skills[j] - difficulty
        let chance = 1 / (1 + 1 / max(1e-9, distance * distance * (distance > 0 ? 9 : 0.1)))
        let right: Double = random.unit() < chance ? 1 : 0
        quality[at] = binary ? right : ties ? (chance * 4).rounded() / 4 : chance
        if j > 0, random.unit() < 0.1 { eligible[at] = false }
      }
    }
    func costs(of i: Int) -> [Double] {
      (0..<options).filter { eligible[$0 * groups + i] }.map { cost[$0 * groups + i] }
    }
    let cheapest = (0..<groups).reduce(0.0) { $0 + (costs(of: $1).min() ?? 0) }
    let dearest = (0..<groups).reduce(0.0) { $0 + (costs(of: $1).max() ?? 0) }
    let budget = (cheapest + room * (dearest - cheapest)).rounded()
    let attributes = [
      ChoiceProblem.Attribute(name: "cost", values: cost), .init(name: "quality", values: quality),
    ]
    let shares: [ChoiceProblem.SideConstraint] = [
      .init(name: "share", attribute: nil, options: [0], .atMost, (0.7 * Double(groups)).rounded(.up)),
      .init(
        name: "some", attribute: nil, options: [options - 1], .atLeast, (0.05 * Double(groups)).rounded(.down)
      ),
    ]
    let classOf = (0..<groups).map { $0 % classes }
    if minimizes {
      let best = (0..<groups).reduce(0.0) { total, i in
        total
          + ((0..<options).filter { eligible[$0 * groups + i] }.map { quality[$0 * groups + i] }.max() ?? 0)
      }
      return try ChoiceProblem(
        groupCount: groups, optionCount: options, classOf: classOf, eligible: eligible,
        attributes: attributes,
        objective: .init(.minimize, attribute: 0),
        constraints: shares + [
          .init(name: "quality", attribute: 1, .atLeast, best * (1 - room)),
          .init(
            name: "class", attribute: 1, classes: [0], .atLeast, best * (1 - room) / Double(classes) * 0.8),
        ])
    }
    return try ChoiceProblem(
      groupCount: groups, optionCount: options, classOf: classOf, eligible: eligible, attributes: attributes,
      objective: .init(.maximize, attribute: 1),
      constraints: shares + [
        .init(name: "budget", attribute: 0, .atMost, budget),
        .init(name: "class", attribute: 0, classes: [0], .atMost, budget * 0.6),
      ])
  }
}
