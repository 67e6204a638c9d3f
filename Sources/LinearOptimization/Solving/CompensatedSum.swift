/// A sum whose error does not grow with the number of terms.
///
/// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 1974.
package struct CompensatedSum: Sendable {
  @usableFromInline var sum = 0.0
  @usableFromInline var lost = 0.0
  /// The sum of the terms' magnitudes.
  @usableFromInline package var magnitude = 0.0

  @inlinable
  package init() {}

  @inlinable
  package var value: Double { sum + lost }

  @inlinable
  package static func += (a: inout CompensatedSum, term: Double) {
    let total = a.sum + term
    a.lost += abs(a.sum) >= abs(term) ? (a.sum - total) + term : (term - total) + a.sum
    a.sum = total
    a.magnitude += abs(term)
  }

  /// Adds another sum times a factor.
  @inlinable
  package mutating func add(_ other: CompensatedSum, times factor: Double = 1) {
    let before = magnitude
    self += other.sum * factor
    self += other.lost * factor
    magnitude = before + other.magnitude * abs(factor)
  }
}
