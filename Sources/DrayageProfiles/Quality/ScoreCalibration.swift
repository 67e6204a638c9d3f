/// The correction of predicted scores that held-out data asked for.
public enum ScoreCalibration: Hashable, Sendable, Codable {
  /// Predictions were best as they were.
  case none
  /// A logistic correction.
  case platt(PlattCalibration)
  /// A monotone one.
  case isotonic(IsotonicCalibration)

  /// The corrected prediction.
  public func callAsFunction(_ prediction: Double) -> Double {
    switch self {
    case .none: prediction
    case .platt(let correction): correction(prediction)
    case .isotonic(let correction): correction(prediction)
    }
  }

  /// The correction with the least log loss on folds that it was not fitted to, then fitted to all. Nothing
  /// is corrected unless that gains at least a thousandth of the loss.
  ///
  /// - Parameters:
  ///   - predictions: in 0...1, each made without its own score.
  ///   - scores: as many, in 0...1.
  ///   - folds: as many; the fold of each.
  static func chosen(predictions: [Double], scores: [Double], folds: [Int]) -> ScoreCalibration {
    // Blocks below a few dozen scores are noise; a hundredth of the data keeps the knots few.
    let leastBlock = max(30, predictions.count / 100)
    func platt(_ p: [Double], _ y: [Double]) -> ScoreCalibration {
      .platt(PlattCalibration(predictions: p, scores: y))
    }
    func isotonic(_ p: [Double], _ y: [Double]) -> ScoreCalibration {
      .isotonic(IsotonicCalibration(predictions: p, scores: y, leastBlock: leastBlock))
    }
    var losses = [0.0, 0.0, 0.0]
    for fold in Set(folds).sorted() {
      let inside = predictions.indices.filter { folds[$0] != fold }
      guard !inside.isEmpty else { return .none }
      let (p, y) = (inside.map { predictions[$0] }, inside.map { scores[$0] })
      let candidates: [ScoreCalibration] = [.none, platt(p, y), isotonic(p, y)]
      for i in predictions.indices where folds[i] == fold {
        for (c, candidate) in candidates.enumerated() {
          losses[c] += ForecastScores.logLoss(candidate(predictions[i]), scores[i])
        }
      }
    }
    let best = losses[1] <= losses[2] ? 1 : 2
    guard losses[best] < 0.999 * losses[0] else { return .none }
    return best == 1 ? platt(predictions, scores) : isotonic(predictions, scores)
  }
}
