import Drayage
import DrayageCore

extension SimulatedService {
  /// Puts an answer of which `output` tokens were written on the books.
  ///
  /// Without prices, a recorded answer costs what is recorded; of one that ended early, the share of its tokens
  /// that was used. An answer that is not recorded is then billed at zero, and counted.
  ///
  /// - Parameter inBatch: whether a job brought it, which is billed at another price.
  mutating func bill(_ answer: Answer, output: Int, inBatch: Bool = false) {
    var usage = answer.usage
    usage.output = output
    var amount = Money.zero
    var isHalved = inBatch
    let metered = TokenUsage(input: usage.fresh, output: output, cachedInput: usage.cached)
    if inBatch, let pricing = options.batchPricing {
      amount = pricing(table.models[answer.model], metered)
      isHalved = false
    } else if let pricing = options.pricing {
      amount = pricing(table.models[answer.model], metered)
    } else if let cost = answer.query.flatMap({ table.cost(query: $0, model: answer.model) }) {
      amount = output == answer.usage.output ? cost : Self.share(usage.total, of: answer.usage.total, cost)
    } else {
      counts[answer.model].unpriced += 1
    }
    if isHalved { amount = Money(nanodollars: amount.nanodollars / 2 + amount.nanodollars % 2) }
    if inBatch { counts[answer.model].batched += 1 }
    counts[answer.model].bill(usage, nanodollars: amount.nanodollars)
    if let query = answer.query {
      billedAnswers[query] += 1
    } else {
      counts[answer.model].unrecorded += 1
    }
  }

  /// The part of `cost` that `used` of `all` tokens make, rounded up.
  private static func share(_ used: Int, of all: Int, _ cost: Money) -> Money {
    guard used < all, cost.nanodollars > 0 else { return cost }
    let product = UInt64(cost.nanodollars).multipliedFullWidth(by: UInt64(used))
    let (quotient, remainder) = UInt64(all).dividingFullWidth(product)
    return Money(nanodollars: Int64(quotient) + (remainder > 0 ? 1 : 0))
  }
}
