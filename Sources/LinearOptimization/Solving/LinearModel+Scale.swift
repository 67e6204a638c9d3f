#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension LinearModel {
  /// The geometric mean of the magnitudes of the objective's coefficients other than zero; 1 if there are
  /// none.
  ///
  /// A few penalties of another order of magnitude leave it where most of the coefficients are.
  var typicalCost: Double {
    var sum = 0.0
    var count = 0
    for column in columns where column.objective != 0 {
      sum += log2(abs(column.objective))
      count += 1
    }
    return count == 0 ? 1 : exp2(sum / Double(count))
  }
}
