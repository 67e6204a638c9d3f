/// A sum whose error does not grow with the number of terms.
///
/// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 1974.
struct CompensatedSum {
  private var sum = 0.0
  private var lost = 0.0
  /// The sum of the terms' magnitudes.
  private(set) var magnitude = 0.0

  var value: Double { sum + lost }

  static func += (a: inout CompensatedSum, term: Double) {
    let total = a.sum + term
    a.lost += abs(a.sum) >= abs(term) ? (a.sum - total) + term : (term - total) + a.sum
    a.sum = total
    a.magnitude += abs(term)
  }
}
