/// What routing by predicted scores would have reached: queries, the scores that models got on them, and what
/// each was expected to cost.
///
/// Each query goes to the model with the highest prediction minus price times expected cost, ties to the
/// cheaper; the price is found by bisection so that the expected cost meets the budget. At the price where
/// the choice jumps past the budget, the choices on both sides are mixed in the proportion that meets it
/// exactly.
public struct RoutingTrial: Sendable {
  private let scores: [Double]
  private let costs: [Double]
  private let models: Int
  private let rows: Int

  /// What a routing came to.
  public struct Outcome: Hashable, Sendable {
    /// The mean score reached.
    public let meanScore: Double
    /// The mean expected cost of a query.
    public let meanCost: Double
  }

  /// A trial.
  ///
  /// - Parameters:
  ///   - scores: `[row * models + model]`, in 0...1; NaN where unknown, which takes the model out for that
  ///     row.
  ///   - costs: expected costs in the same order, 0 or more.
  /// - Throws: ``QualityError`` if lengths do not fit, a number is out of its range, or a row has no score.
  public init(scores: [Double], costs: [Double], models: Int) throws(QualityError) {
    guard models > 0, !scores.isEmpty, scores.count % models == 0, costs.count == scores.count else {
      throw QualityError(
        .shape, "\(scores.count) scores and \(costs.count) costs do not make rows of \(models) models")
    }
    if let cell = costs.firstIndex(where: { !($0 >= 0 && $0 < .infinity) }) {
      throw QualityError(
        .range, "model \(cell % models) costs \(costs[cell]) in row \(cell / models); give 0 or more")
    }
    rows = scores.count / models
    for row in 0..<rows {
      let own = scores[(row * models)..<((row + 1) * models)]
      guard own.allSatisfy({ $0.isNaN || ($0 >= 0 && $0 <= 1) }), own.contains(where: { !$0.isNaN }) else {
        throw QualityError(.range, "row \(row) needs a score in 0...1 for at least one model, and no other")
      }
    }
    self.scores = scores
    self.costs = costs
    self.models = models
  }

  /// Routes by predictions within a budget.
  ///
  /// - Parameters:
  ///   - predictions: `[row * models + model]`; the scores themselves make the oracle.
  ///   - budget: the mean expected cost allowed per query. Below that of the cheapest choices, those are
  ///     taken.
  public func outcome(predictions: [Double], budget: Double) -> Outcome {
    precondition(predictions.count == scores.count, "one prediction is needed per score")
    let free = route(predictions, price: 0)
    if free.meanCost <= budget { return free }
    var (low, high) = (0.0, 1.0)
    var (dear, cheap) = (free, route(predictions, price: high))
    while cheap.meanCost > budget {
      if high > 1e15 { return route(predictions, price: .infinity) }
      (low, high) = (high, high * 8)
      (dear, cheap) = (cheap, route(predictions, price: high))
    }
    for _ in 0..<80 {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { break }
      let outcome = route(predictions, price: middle)
      if outcome.meanCost > budget {
        (low, dear) = (middle, outcome)
      } else {
        (high, cheap) = (middle, outcome)
      }
    }
    let share = (budget - cheap.meanCost) / (dear.meanCost - cheap.meanCost)
    return Outcome(
      meanScore: cheap.meanScore + share * (dear.meanScore - cheap.meanScore), meanCost: budget)
  }

  private func route(_ predictions: [Double], price: Double) -> Outcome {
    var (score, cost) = (0.0, 0.0)
    for row in 0..<rows {
      var best = -1
      var bestValue = -Double.infinity
      for cell in (row * models)..<((row + 1) * models) where !scores[cell].isNaN {
        let value = price == .infinity ? -costs[cell] : predictions[cell] - price * costs[cell]
        if best < 0 || value > bestValue || (value == bestValue && costs[cell] < costs[best]) {
          (best, bestValue) = (cell, value)
        }
      }
      score += scores[best]
      cost += costs[best]
    }
    return Outcome(meanScore: score / Double(rows), meanCost: cost / Double(rows))
  }
}
