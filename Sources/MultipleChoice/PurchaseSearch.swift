/// Decides whole purchases by branch and bound: each node is the relaxation with narrower bounds of the
/// purchases, solved from the prices of its parent.
///
/// A. Land and A. Doig, "An automatic method of solving discrete programming problems", Econometrica 28, 1960.
struct PurchaseSearch {
  let solver: ChoiceSolver
  let options: ChoiceSolver.Options
  let watch: SolveWatch

  enum Outcome {
    /// A vertex with whole purchases, and in the problem's units what none is better than; `nil` for the
    /// vertex's own bound.
    case found(Vertex, ScaledProblem, bound: Double?)
    /// Not even split choices and purchases would do.
    case infeasible([Double], Vertex, ScaledProblem)
    /// Split purchases would do, but no whole ones were found.
    case none
  }

  private struct Node {
    let purchases: [ChoiceProblem.Purchase]
    let prices: [Double]
    /// Minimized, in the problem's units.
    let bound: Double
    /// The purchase to branch on, and its amount; `nil` if all are whole.
    let split: (index: Int, amount: Double)?
  }

  private static let mostNodes = 2_000
  private static let wholeness = 1e-6

  func run(_ problem: ChoiceProblem) throws -> Outcome {
    let root: Node
    switch try solver.relaxed(problem, options, watch) {
    case .infeasible(let multipliers, let vertex, let scaled): return .infeasible(multipliers, vertex, scaled)
    case .solved(let vertex, let scaled):
      root = node(problem.purchases, vertex, scaled)
      guard root.split != nil else { return .found(vertex, scaled, bound: nil) }
    }
    let sign = problem.objective.sense == .minimize ? 1.0 : -1.0
    // Nodes are many and keep no vertex; the best one does.
    var open = [root]
    var incumbent: (bound: Double, vertex: Vertex, scaled: ScaledProblem)?
    /// What was pruned for being no better by more than the gap that is not worth time.
    var pruned = Double.infinity
    func isWorthwhile(_ node: Node) -> Bool {
      guard let incumbent else { return true }
      return node.bound < incumbent.bound - options.relativeGap * max(1e-9, abs(incumbent.bound))
    }
    for _ in 0..<Self.mostNodes {
      if watch.shouldStop { break }
      // Best bound first; until there is an incumbent, the deepest first.
      let next =
        incumbent == nil
        ? open.indices.last : open.indices.min { open[$0].bound < open[$1].bound }
      guard let next else { break }
      let node = open.remove(at: next)
      guard isWorthwhile(node), let split = node.split else {
        pruned = min(pruned, node.bound)
        continue
      }
      // The nearer side last, so that it is looked at first while there is no incumbent.
      let below = split.amount - split.amount.rounded(.down) < 0.5
      for side in below ? [true, false] : [false, true] {
        guard let (child, vertex, scaled) = try self.child(of: node, split, up: side, problem) else {
          continue
        }
        if child.split != nil {
          open.append(child)
        } else if isWorthwhile(child) {
          if let incumbent { pruned = min(pruned, incumbent.bound) }
          incumbent = (child.bound, vertex, scaled)
        } else {
          pruned = min(pruned, child.bound)
        }
      }
      // A side that was not looked at to its end may hold what its parent promises.
      if watch.shouldStop { pruned = min(pruned, node.bound) }
    }
    guard let incumbent else { return .none }
    let bound = open.reduce(min(pruned, incumbent.bound)) { min($0, $1.bound) }
    return .found(incumbent.vertex, incumbent.scaled, bound: sign * bound)
  }

  private func node(
    _ purchases: [ChoiceProblem.Purchase], _ vertex: Vertex, _ scaled: ScaledProblem
  ) -> Node {
    var split: (index: Int, amount: Double, distance: Double)?
    for (p, purchase) in purchases.enumerated() where purchase.isInteger {
      let amount = vertex.purchases[p] * scaled.purchases[p].size
      let distance = abs(amount - amount.rounded())
      if distance > Self.wholeness, distance > split?.distance ?? 0 { split = (p, amount, distance) }
    }
    let sign = scaled.problem.objective.sense == .minimize ? 1.0 : -1.0
    return Node(
      purchases: purchases, prices: scaled.prices(from: vertex.multipliers),
      bound: sign * scaled.unscaled(vertex.bound), split: split.map { ($0.index, $0.amount) })
  }

  private func child(
    of node: Node, _ split: (index: Int, amount: Double), up: Bool, _ problem: ChoiceProblem
  ) throws -> (Node, Vertex, ScaledProblem)? {
    var purchases = node.purchases
    let old = purchases[split.index]
    let least = up ? split.amount.rounded(.up) : old.bounds.lowerBound
    let most = up ? old.bounds.upperBound : split.amount.rounded(.down)
    guard least <= most else { return nil }
    purchases[split.index] = ChoiceProblem.Purchase(
      name: old.name, objective: old.objective, bounds: least...most, isInteger: true, entries: old.entries)
    let narrowed = try problem.with(
      objective: problem.objective, constraints: problem.constraints, purchases: purchases)
    var options = options
    options.startPrices = node.prices
    let answer: ChoiceSolver.Relaxed
    do {
      answer = try solver.relaxed(narrowed, options, watch.quiet)
    } catch let error as ChoiceSolverError where error == .outOfTime {
      return nil
    }
    guard case .solved(let vertex, let scaled) = answer, vertex.isFeasible else { return nil }
    return (self.node(purchases, vertex, scaled), vertex, scaled)
  }
}
