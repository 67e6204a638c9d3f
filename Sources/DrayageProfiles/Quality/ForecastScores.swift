/// How good predicted scores were, by the scores that came.
public struct ForecastScores: Hashable, Sendable {
  /// How many pairs were compared.
  public private(set) var count = 0
  /// The mean squared error (Brier 1950); lower is better.
  public private(set) var brier = 0.0
  /// The mean of `-(y log p + (1 - y) log(1 - p))`, predictions held within 1e-6...1 - 1e-6; lower is better.
  public private(set) var logLoss = 0.0
  /// What was predicted against what came.
  public let reliability: ReliabilityTable

  /// The mean distance between prediction and outcome over the bins of ``reliability``.
  public var calibrationError: Double { reliability.expectedError }

  /// Compares predictions in 0...1 with as many scores in 0...1; pairs whose score is NaN are left out.
  public init(predictions: [Double], scores: [Double], bins: Int = 15) {
    var table = ReliabilityTable(bins: bins)
    for (p, y) in zip(predictions, scores) where !y.isNaN {
      count += 1
      brier += (p - y) * (p - y)
      logLoss += Self.logLoss(p, y)
      table.add(p, y)
    }
    if count > 0 {
      brier /= Double(count)
      logLoss /= Double(count)
    }
    reliability = table
  }

  static func logLoss(_ prediction: Double, _ score: Double) -> Double {
    let p = min(max(prediction, 1e-6), 1 - 1e-6)
    return -(score * ElementaryFunctions.logarithm(p) + (1 - score) * ElementaryFunctions.logarithm(1 - p))
  }
}
