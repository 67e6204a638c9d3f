import LinearOptimization

/// From a vertex of the relaxation to an integral assignment.
///
/// Every group takes the option that the vertex gives most of it to. What that breaks is repaired by the moves
/// that cost least per unit of excess they remove; the fractional groups and the groups nearest to a tie then
/// form a core, which a small integer program over GLPK decides while all other groups keep their option.
/// One-move local search uses up what is left of the limits.
struct Rounding {
  let scaled: ScaledProblem
  let pass: PricingPass
  let solver: GLPKSolver
  let watch: SolveWatch
  /// What is preferred among assignments of equal objective.
  let then: ChoiceProblem.Objective?
  /// A gap, relative to the bound, that is not worth a larger core.
  let relativeGap: Double
  /// What is bought, in the problem's units: whole where it must be.
  let purchases: [Double]

  /// Standard deviations of what rounding adds to a row that it is held below its limit by, in turn.
  private static let tightenings = [0, 0.5, 1, 2, 4.0]
  private static let coreSizes = [40, 160, 640, 2_560]
  /// The most seconds for the last core while there is no assignment, if the caller sets no limit.
  private static let secondsForAny = 20.0
  private static let largestToImprove = 640
  /// With more rows a core of GLPK finds nothing in reasonable time that repair does not.
  private static let mostRowsToImprove = 60
  /// The most seconds for making an assignment better.
  private static let mostSeconds = 0.5

  /// An assignment that keeps every constraint, or `nil` if none was found.
  func round(_ vertex: Vertex) throws -> [Int]? {
    let start = StartingAssignment(scaled, vertex)
    let critical = CriticalGroups(pass, vertex, start)
    let raw = Activities(scaled, start.assignment, purchases: purchases)
    var best: (assignment: [Int], value: Double)?
    func consider(_ candidate: [Int], _ activities: Activities) {
      var (assignment, activities) = (candidate, activities)
      LocalSearch(scaled: scaled, then: then, watch: watch).improve(
        &assignment, &activities, among: critical.searched(then != nil))
      guard value(activities) < best?.value ?? .infinity else { return }
      // Counted anew, since running sums drift.
      activities = Activities(scaled, assignment, purchases: purchases)
      if activities.isFeasible { best = (assignment, value(activities)) }
    }
    if raw.isFeasible { consider(start.assignment, raw) }
    let step = scaled.problem.objectiveStep
    let stop = Deadline(seconds: min(Self.mostSeconds, watch.deadline.remaining(otherwise: Self.mostSeconds)))
    for factor in Self.tightenings {
      if let best,
        stop.hasPassed || watch.shouldStop || isCloseEnough(best.value, vertex.bound, step)
          || critical.order.count <= Self.largestToImprove
      {
        break
      }
      var (assignment, activities) = (start.assignment, raw)
      if factor > 0 {
        guard let tightened = try Tightening(scaled: scaled, watch: watch).apply(factor, to: vertex) else {
          break
        }
        start.move(to: SplitGroups(scaled, tightened), &assignment, &activities)
      }
      if Repair(scaled: scaled, critical: critical, watch: watch).run(&assignment, &activities) {
        consider(assignment, activities)
      }
    }
    let core = CoreProgram(
      scaled: scaled, pass: pass, solver: solver, vertex: vertex, start: start.assignment, raw: raw)
    for size in Self.coreSizes where size <= Self.largestToImprove || best == nil {
      if let best, isCloseEnough(best.value, vertex.bound, step) || scaled.rowCount > Self.mostRowsToImprove {
        break
      }
      if watch.shouldStop, best != nil { break }
      let groups = Array(critical.order.prefix(max(size, start.fractional.count)))
      if let found = try core.solve(groups, seconds: stop.remaining(otherwise: Self.mostSeconds)) {
        consider(found.assignment, found.activities)
      }
      if size >= critical.order.count || stop.hasPassed { break }
    }
    if best == nil, !watch.deadline.hasPassed {
      // No assignment at all: one core gets the time that the caller allows.
      let groups = Array(critical.order.prefix(max(Self.coreSizes[1], start.fractional.count)))
      let seconds = watch.deadline.remaining(otherwise: Self.secondsForAny)
      if let found = try core.solve(groups, seconds: seconds) { consider(found.assignment, found.activities) }
    }
    return best?.assignment
  }

  /// Whether a larger core is not worth its time.
  private func isCloseEnough(_ value: Double, _ bound: Double, _ step: Double?) -> Bool {
    value - bound <= relativeGap * max(1e-9, abs(bound))
      || scaled.problem.isOptimal(value: scaled.unscaled(value), bound: scaled.unscaled(bound), step: step)
  }

  /// The scaled objective per group, purchases included.
  private func value(_ activities: Activities) -> Double {
    var sum = activities.objective
    for (purchase, amount) in zip(scaled.problem.purchases, purchases) {
      sum += purchase.objective * amount * scaled.objectiveFactor
    }
    return sum.value / scaled.groupCount
  }
}

/// Every group at the option that the relaxation gives most of it to; of groups that are equal, as many to
/// each option as it gives of them all.
struct StartingAssignment {
  private(set) var assignment: [Int]
  /// The groups that the relaxation splits.
  let fractional: [Int]
  private let base: [UInt16]
  private let choices: [(group: Int, option: Int)]

  init(_ scaled: ScaledProblem, _ vertex: Vertex) {
    let layout = scaled.columns.layout
    base = vertex.base
    assignment = (0..<scaled.problem.groupCount).map { [base] in Int(base[layout.position(of: $0)]) }
    let split = SplitGroups(scaled, vertex)
    for choice in split.choices { assignment[choice.group] = choice.option }
    (choices, fractional) = (split.choices, split.fractional)
  }

  /// Exchanges what this made of the groups away from their base for what another solution makes of them.
  func move(to other: SplitGroups, _ assignment: inout [Int], _ activities: inout Activities) {
    let layout = activities.scaled.columns.layout
    let runOf = RunLookup(layout)
    var wanted: [Int: Int] = [:]
    for choice in choices { wanted[choice.group] = Int(base[layout.position(of: choice.group)]) }
    for choice in other.choices { wanted[choice.group] = choice.option }
    for (group, option) in wanted.sorted(by: { $0.key < $1.key }) where assignment[group] != option {
      let position = layout.position(of: group)
      let segment = layout.runs[runOf[position]].segment
      activities.move(position, segment, from: assignment[group], to: option)
      assignment[group] = option
    }
  }
}

/// What becomes of the groups that the relaxation does not leave at their base.
struct SplitGroups {
  private(set) var choices: [(group: Int, option: Int)] = []
  /// The groups that the relaxation splits.
  private(set) var fractional: [Int] = []

  init(_ scaled: ScaledProblem, _ vertex: Vertex) {
    var parts: [Int: [(option: Int, value: Double)]] = [:]
    for share in vertex.shares { parts[share.position, default: []].append((share.option, share.value)) }
    guard !parts.isEmpty else { return }
    let groups = scaled.columns.layout.groups(at: parts.keys, groupCount: scaled.problem.groupCount)
    for (position, shares) in parts.sorted(by: { $0.key < $1.key }) {
      let members = groups[position] ?? []
      let count = Double(members.count)
      let rest = max(0, 1 - shares.reduce(0) { $0 + $1.value })
      let wanted = ([(option: Int(vertex.base[position]), value: rest)] + shares).map {
        (option: $0.option, exact: $0.value * count, whole: ($0.value * count + 1e-7).rounded(.down))
      }
      var next = 0
      for want in wanted {
        for _ in 0..<min(Int(want.whole), members.count - next) {
          choices.append((members[next], want.option))
          next += 1
        }
      }
      // What is left of each option goes where most of it is wanted.
      let byRest = wanted.sorted { ($1.exact - $1.whole, $0.option) < ($0.exact - $0.whole, $1.option) }
      for (want, i) in zip(byRest, members[next...]) {
        choices.append((i, want.option))
        fractional.append(i)
      }
    }
  }
}

extension Layout {
  /// The groups at some positions, ascending.
  func groups(at positions: some Collection<Int>, groupCount: Int) -> [Int: [Int]] {
    var groups: [Int: [Int]] = [:]
    guard counts != nil else {
      for position in positions { groups[position] = [Int(groupAt[position])] }
      return groups
    }
    var wanted = Array(repeating: false, count: positionCount)
    for position in positions { wanted[position] = true }
    for i in 0..<groupCount where wanted[position(of: i)] { groups[position(of: i), default: []].append(i) }
    return groups
  }
}

/// The groups at which a change costs little.
struct CriticalGroups {
  /// A group with what is needed to move it.
  struct Group {
    let index: Int
    let position: Int
    let segment: Int
    /// The options worth considering.
    let options: [Int]
  }

  /// The groups nearest to a tie first, the fractional ones before all others.
  let order: [Group]
  private let all: [Group]

  /// Below so many pairs, all groups and options are searched.
  private static let smallProblem = 400_000

  init(_ pass: PricingPass, _ vertex: Vertex, _ start: StartingAssignment) {
    let scaled = pass.scaled
    let layout = scaled.columns.layout
    let m = scaled.columns.optionCount
    let weights = pass.weights(vertex.multipliers)
    let runOf = RunLookup(layout)
    let isSmall = scaled.problem.groupCount * m <= Self.smallProblem
    func group(_ i: Int, _ options: [Int]?) -> Group {
      let position = layout.position(of: i)
      let segment = layout.runs[runOf[position]].segment
      return Group(
        index: i, position: position, segment: segment,
        options: options ?? (0..<m).filter { scaled.columns.isEligible(at: position, $0) })
    }
    let fractional = Set(start.fractional)
    let groups: [Group]
    if isSmall {
      groups = (0..<scaled.problem.groupCount).map { group($0, nil) }
    } else {
      var options = vertex.near
      for share in vertex.shares where !(options[share.position]?.contains(share.option) ?? false) {
        options[share.position, default: []].append(share.option)
      }
      let members = layout.groups(at: options.keys, groupCount: scaled.problem.groupCount)
      groups = options.keys.sorted().flatMap { position -> [Group] in
        // Of many equal groups a few at each option are as good as all.
        var taken: [Int: Int] = [:]
        return (members[position] ?? []).filter { i in
          taken[start.assignment[i], default: 0] += 1
          return taken[start.assignment[i], default: 0] <= 64 || fractional.contains(i)
        }.map {
          group(
            $0,
            Array(Set(options[position, default: []] + [Int(vertex.base[position]), start.assignment[$0]]))
              .sorted())
        }
      }
    }
    let gaps = groups.map { group -> Double in
      if fractional.contains(group.index) { return -1 }
      let from = start.assignment[group.index]
      let own = pass.score(weights, group.position, group.segment, from)
      return group.options.reduce(.infinity) {
        $1 == from ? $0 : min($0, abs(pass.score(weights, group.position, group.segment, $1) - own))
      }
    }
    let sorted = groups.indices.sorted { (gaps[$0], groups[$0].index) < (gaps[$1], groups[$1].index) }
    order = sorted.map { groups[$0] }
    all = groups
    self.weights = weights
    self.pass = pass
  }

  private let weights: [Double]
  private let pass: PricingPass

  /// Any group, with all options open to it.
  func group(_ i: Int, _ position: Int, _ segment: Int) -> Group {
    let columns = pass.scaled.columns
    return Group(
      index: i, position: position, segment: segment,
      options: columns.options[segment].lazy.map(Int.init).filter { columns.isEligible(at: position, $0) })
  }

  /// The groups in the order in which local search looks at them.
  func searched(_ hasTieBreaker: Bool) -> [Group] { hasTieBreaker ? all : order }

  /// What a move adds to the Lagrangian value, scaled.
  func cost(_ group: Group, from: Int, to: Int) -> Double {
    pass.score(weights, group.position, group.segment, to)
      - pass.score(weights, group.position, group.segment, from)
  }
}
