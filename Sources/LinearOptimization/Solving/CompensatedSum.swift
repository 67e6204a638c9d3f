/// A sum whose error does not grow with the number of terms.
///
/// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 1974.
package struct CompensatedSum {
  private var sum = 0.0
  private var lost = 0.0
  /// The sum of the terms' magnitudes.
  package private(set) var magnitude = 0.0

  package init() {}

  package var value: Double { sum + lost }

  package static func += (a: inout CompensatedSum, term: Double) {
    let total = a.sum + term
    a.lost += abs(a.sum) >= abs(term) ? (a.sum - total) + term : (term - total) + a.sum
    a.sum = total
    a.magnitude += abs(term)
  }
}
