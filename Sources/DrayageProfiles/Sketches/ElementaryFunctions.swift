#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The functions of the C library that profiles need, without loading Foundation.
enum ElementaryFunctions {
  static func exponential(_ x: Double) -> Double { exp(x) }
  static func exponential2(_ x: Double) -> Double { exp2(x) }
  static func logarithm(_ x: Double) -> Double { log(x) }
}

extension ElementaryFunctions {
  /// The logarithm of the odds of a probability in 0 < p < 1.
  static func logOdds(_ p: Double) -> Double { log(p) - log1p(-p) }

  /// The probability of which `logOdds` is the logarithm of the odds.
  static func probability(logOdds: Double) -> Double { 1 / (1 + exp(-logOdds)) }
}
