/// A monotone correction of predicted probabilities, linear between knots.
///
/// The knots are the blocks of the least-squares isotonic regression of scores on predictions by pooling
/// adjacent violators (Ayer et al. 1955; Zadrozny and Elkan, KDD 2002). O(n log n).
public struct IsotonicCalibration: Hashable, Sendable, Codable {
  /// Predictions, ascending; the mean prediction of each block.
  public let knots: [Double]
  /// The mean score of each block, ascending, as many.
  public let values: [Double]

  /// The correction that fits best; the identity if there is nothing to learn from.
  ///
  /// - Parameters:
  ///   - predictions: in 0...1.
  ///   - scores: as many, in 0...1.
  ///   - leastBlock: neighbouring predictions are first gathered until each block holds this many, so that
  ///     a few extreme ones do not become certainties.
  public init(predictions: [Double], scores: [Double], leastBlock: Int = 1) {
    let order = zip(predictions, scores).sorted { $0.0 < $1.0 }
    var blocks: [Block] = []
    var open = Block()
    for (position, pair) in order.enumerated() {
      open.add(pair.0, pair.1)
      let last = position + 1 == order.count
      // Equal predictions belong together whatever their scores.
      guard last || (open.count >= Double(leastBlock) && order[position + 1].0 > pair.0) else { continue }
      while let before = blocks.last, before.score >= open.score || open.count < Double(leastBlock) {
        open.merge(before)
        blocks.removeLast()
      }
      blocks.append(open)
      open = Block()
    }
    knots = blocks.map(\.prediction)
    values = blocks.map(\.score)
  }

  /// A correction with these knots.
  ///
  /// - Throws: ``QualityError`` if the arrays differ in length, are not ascending or leave 0...1.
  public init(knots: [Double], values: [Double]) throws(QualityError) {
    func ascends(_ numbers: [Double]) -> Bool {
      zip(numbers, numbers.dropFirst()).allSatisfy { $0 <= $1 }
        && numbers.allSatisfy { $0 >= 0 && $0 <= 1 }
    }
    guard knots.count == values.count, ascends(knots), ascends(values) else {
      throw QualityError(
        .range,
        "an isotonic calibration needs as many values as knots, both ascending within 0...1; fit it again")
    }
    self.knots = knots
    self.values = values
  }

  /// The corrected prediction.
  public func callAsFunction(_ prediction: Double) -> Double {
    guard let first = values.first, let last = values.last else { return prediction }
    var (low, high) = (0, knots.count)
    while low < high {
      let middle = (low + high) / 2
      if knots[middle] < prediction { low = middle + 1 } else { high = middle }
    }
    if low == 0 { return first }
    if low == knots.count { return last }
    let width = knots[low] - knots[low - 1]
    let share = width > 0 ? (prediction - knots[low - 1]) / width : 1
    return values[low - 1] + share * (values[low] - values[low - 1])
  }

  private struct Block {
    var count = 0.0
    var prediction = 0.0
    var score = 0.0

    mutating func add(_ p: Double, _ y: Double) {
      count += 1
      prediction += (p - prediction) / count
      score += (y - score) / count
    }

    mutating func merge(_ other: Block) {
      let total = count + other.count
      prediction = (prediction * count + other.prediction * other.count) / total
      score = (score * count + other.score * other.count) / total
      count = total
    }
  }
}
