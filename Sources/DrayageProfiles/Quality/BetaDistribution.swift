/// The Beta distribution of an uncertain quality, by its mean and variance.
///
/// The incomplete beta function is evaluated by its continued fraction with Lentz's method (Abramowitz and
/// Stegun 26.5.8; Press et al., Numerical Recipes, 6.4), quantiles by bisection.
struct BetaDistribution {
  let alpha: Double
  let beta: Double
  private let logNormalizer: Double

  /// The distribution with this mean, in 0...1, and variance. A mean at an end of the range is moved inwards
  /// by a millionth, and a variance that no such distribution has is held to what one can have.
  init(mean: Double, variance: Double) {
    let mean = min(max(mean, 1e-6), 1 - 1e-6)
    let variance = min(max(variance, 1e-12), 0.999 * mean * (1 - mean))
    let count = mean * (1 - mean) / variance - 1
    alpha = mean * count
    beta = (1 - mean) * count
    logNormalizer = Self.logGamma(count) - Self.logGamma(alpha) - Self.logGamma(beta)
  }

  /// The probability of a value of at most `x`.
  func cumulative(_ x: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let front = ElementaryFunctions.exponential(
      logNormalizer + alpha * ElementaryFunctions.logarithm(x) + beta * ElementaryFunctions.logarithm(1 - x))
    // The fraction converges fast only on this side of the mean.
    if x < (alpha + 1) / (alpha + beta + 2) { return front * Self.fraction(alpha, beta, x) / alpha }
    return 1 - front * Self.fraction(beta, alpha, 1 - x) / beta
  }

  /// The value that is not exceeded with this probability, to 1e-12.
  func quantile(_ probability: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if cumulative(middle) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    func away(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
    var c = 1.0
    var d = 1 / away(1 - (a + b) * x / (a + 1))
    var result = d
    // About the square root of the larger parameter terms are needed.
    for step in 1...20_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / away(1 + even * d)
      c = away(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / away(1 + odd * d)
      c = away(1 + odd / c)
      result *= d * c
      if abs(d * c - 1) < 1e-14 { break }
    }
    return result
  }

  /// The logarithm of the gamma function of a positive number: Stirling's series after raising the argument
  /// to 10 or more (Abramowitz and Stegun 6.1.41).
  static func logGamma(_ value: Double) -> Double {
    var x = value
    var shift = 0.0
    while x < 10 {
      shift += ElementaryFunctions.logarithm(x)
      x += 1
    }
    let r = 1 / (x * x)
    let series = (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / x
    return (x - 0.5) * ElementaryFunctions.logarithm(x) - x + 0.918_938_533_204_672_8 + series - shift
  }
}
