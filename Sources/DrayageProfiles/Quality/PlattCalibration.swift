/// A logistic correction of predicted probabilities: `sigmoid(slope * logit(p) + intercept)`.
///
/// Platt, "Probabilistic outputs for support vector machines" (1999), with scores that may be fractional.
public struct PlattCalibration: Hashable, Sendable, Codable {
  /// 1 leaves the spread as it is; below 1 draws predictions together. Above 0.
  public var slope: Double
  /// 0 leaves the level as it is.
  public var intercept: Double

  /// A correction with these coefficients.
  public init(slope: Double = 1, intercept: Double = 0) {
    self.slope = slope
    self.intercept = intercept
  }

  /// The correction that makes predictions most likely, by Newton's method; the identity if there is nothing
  /// to learn from. A weak pull towards the identity keeps it finite.
  ///
  /// - Parameters:
  ///   - predictions: in 0...1.
  ///   - scores: as many, in 0...1.
  public init(predictions: [Double], scores: [Double]) {
    self.init()
    let logits = predictions.map { ElementaryFunctions.logit($0) }
    for _ in 0..<25 {
      var (g0, g1, h00, h01, h11) = (intercept, slope - 1, 1.0, 0.0, 1.0)
      for (x, y) in zip(logits, scores) {
        let p = ElementaryFunctions.sigmoid(slope * x + intercept)
        let weight = p * (1 - p)
        g0 += p - y
        g1 += (p - y) * x
        h00 += weight
        h01 += weight * x
        h11 += weight * x * x
      }
      let determinant = h00 * h11 - h01 * h01
      let steps = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant)
      // A step this long can only overshoot; a slope at or below zero would reverse the order of predictions.
      intercept -= min(max(steps.0, -2), 2)
      slope = max(0.05, slope - min(max(steps.1, -0.5), 0.5))
      if steps.0.magnitude + steps.1.magnitude < 1e-10 { break }
    }
  }

  /// The corrected prediction.
  public func callAsFunction(_ prediction: Double) -> Double {
    ElementaryFunctions.sigmoid(slope * ElementaryFunctions.logit(prediction) + intercept)
  }
}
