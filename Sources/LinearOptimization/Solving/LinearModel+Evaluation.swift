extension LinearModel {
  /// The objective at `values` (one for each column).
  public func objective(at values: [Double]) -> Double {
    var sum = CompensatedSum()
    sum += objectiveConstant
    for (column, value) in zip(columns, values) where column.objective != 0 {
      sum += column.objective * value
    }
    return sum.value
  }

  /// The sum of each row's terms at `values` (one for each column).
  public func activities(at values: [Double]) -> [Double] { rowSums(at: values).map(\.value) }

  /// The reduced cost of each column at `duals` (one for each row): `c_j - Σ_i y_i a_ij`.
  public func reducedCosts(at duals: [Double]) -> [Double] { columnSums(at: duals).map(\.value) }

  func rowSums(at values: [Double]) -> [CompensatedSum] {
    var sums = Array(repeating: CompensatedSum(), count: rowCount)
    for e in entries.values.indices where entries.values[e] != 0 {
      sums[Int(entries.rows[e])] += entries.values[e] * values[Int(entries.columns[e])]
    }
    return sums
  }

  func columnSums(at duals: [Double]) -> [CompensatedSum] {
    var sums = Array(repeating: CompensatedSum(), count: columnCount)
    for j in columns.indices { sums[j] += columns[j].objective }
    for e in entries.values.indices where entries.values[e] != 0 {
      sums[Int(entries.columns[e])] += -entries.values[e] * duals[Int(entries.rows[e])]
    }
    return sums
  }
}
