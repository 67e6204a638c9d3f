internal import Foundation

extension SplitMix64 {
  /// A number between 0 and 1, neither included.
  package mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) / 0x1p53 }

  /// A draw from the standard normal distribution.
  package mutating func normal() -> Double {
    (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
  }

  /// A log-logistic draw: heavy in the tail.
  package mutating func heavy(median: Double, slope: Double) -> Double {
    let p = uniform()
    return median * exp(slope * (log(p) - log1p(-p)))
  }
}
