import Drayage
import DrayageCore
import Foundation

/// What a plan leaves of the budget so that it is kept with the confidence that is asked for: z standard deviations of
/// what the planned requests will cost.
///
/// An offer's answers cost more or less than expected one by one, and all together by the error of the ratio by which
/// estimates are corrected; both are learned from its bills (``CostCorrection/spread``). Offers err independently.
struct SpendingMargin: Sendable {
  /// The quantile of the standard normal distribution; 0 for an even chance.
  let z: Double

  /// - Parameter confidence: from 0.5, below 1.
  init(confidence: Double) {
    // Φ(z) = erfc(-z/√2) / 2 grows with z; 2⁻⁵⁰ of 8 is beyond what matters.
    var (low, high) = (0.0, 8.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if erfc(-middle / 2.0.squareRoot()) / 2 < confidence { low = middle } else { high = middle }
    }
    z = confidence > 0.5 ? high : 0
  }

  /// The margin for what `plan` spends.
  ///
  /// - Parameter corrections: by offer of the plan; none if nothing was billed yet.
  func amount(for plan: Plan, _ corrections: [CostCorrection]) -> Money {
    guard z > 0 else { return .zero }
    let table = plan.table
    var sums = Array(repeating: 0.0, count: table.offers.count)
    var squares = sums
    for (request, offer) in plan.assignment.enumerated() {
      let cost = Double(table.cost[offer * table.requests.count + request])
      let weight = table.weights?[request] ?? 1
      sums[offer] += weight * cost
      squares[offer] += weight * cost * cost
    }
    let variance = table.offers.indices.reduce(0.0) { sum, offer in
      let known = corrections.isEmpty ? CostCorrection() : corrections[offer]
      return sum + known.spread * (squares[offer] + sums[offer] * sums[offer] / known.weight)
    }
    return Money(nanodollars: Int64(min(z * variance.squareRoot(), 9e18).rounded(.up)))
  }
}
