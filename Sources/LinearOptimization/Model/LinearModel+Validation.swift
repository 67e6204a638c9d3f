extension LinearModel {
  /// The greatest magnitude of a coefficient, an objective or a finite bound: 10¹⁵. Beyond it, units are
  /// wrong or "infinite" is meant.
  public static let greatestMagnitude = 1e15

  /// A coefficient must be at least this part of the greatest one in its row or of the greatest one in its
  /// column: 10⁻¹³. Below it, no choice of units makes it count in double precision.
  public static let leastRatio = 1e-13

  /// Checks that a solver can be given this model. Takes time linear in its size.
  ///
  /// - Throws: the first error found. Columns are checked before rows, and rows before coefficients.
  public func validate() throws(ModelError) {
    let most = Int(Int32.max)
    guard columnCount < most, rowCount < most, entryCount < most else {
      throw ModelError(.tooManyEntries, "the model is too large: divide it")
    }
    if !objectiveConstant.isFinite {
      throw ModelError(.notANumber, "the constant of the objective is \(objectiveConstant): make it finite")
    }
    for column in columns {
      try Self.check(column.bounds, of: column.kind) { code, message in
        ModelError(code, column: column.name, message)
      }
      try Self.check(column.objective, "objective") { code, message in
        ModelError(code, column: column.name, message)
      }
    }
    for row in rows {
      try Self.check(row.bounds, of: .continuous) { code, message in
        ModelError(code, row: row.name, message)
      }
    }
    try checkNames()
    try checkEntries()
  }

  private typealias Report = (ModelError.Code, String) -> ModelError

  private static func check(_ bounds: Bounds, of kind: Kind, _ report: Report) throws(ModelError) {
    let (lower, upper) = (bounds.lower, bounds.upper)
    if lower.isNaN || upper.isNaN {
      throw report(.notANumber, "a bound is not a number: give a number, or nil for none")
    }
    if lower == .infinity || upper == -.infinity {
      throw report(.infinite, "no value satisfies the bounds \(lower) and \(upper): correct them")
    }
    if lower > upper {
      throw report(
        .reversedBounds, "the lower bound \(lower) is above the upper bound \(upper): exchange them")
    }
    for bound in [lower, upper] where bound.isFinite && abs(bound) > greatestMagnitude {
      throw report(.tooLarge, "the bound \(bound) exceeds 1e15: use larger units, or nil for no bound")
    }
  }

  private static func check(_ value: Double, _ what: String, _ report: Report) throws(ModelError) {
    if value.isNaN { throw report(.notANumber, "the \(what) is not a number: find where it was computed") }
    if value.isInfinite { throw report(.infinite, "the \(what) is infinite: use a bound to forbid a value") }
    if abs(value) > greatestMagnitude {
      throw report(.tooLarge, "the \(what) \(value) exceeds 1e15: use larger units")
    }
  }

  private func checkNames() throws(ModelError) {
    var seen = Set<String>(minimumCapacity: max(rowCount, columnCount))
    for column in columns where !seen.insert(column.name).inserted {
      throw ModelError(.duplicateName, column: column.name, "another column has this name: give each its own")
    }
    seen.removeAll(keepingCapacity: true)
    for row in rows where !seen.insert(row.name).inserted {
      throw ModelError(.duplicateName, row: row.name, "another row has this name: give each its own")
    }
  }

  private func checkEntries() throws(ModelError) {
    var rowMost = Array(repeating: 0.0, count: rowCount)
    var columnMost = Array(repeating: 0.0, count: columnCount)
    for e in entries.values.indices {
      let (i, j, value) = (Int(entries.rows[e]), Int(entries.columns[e]), entries.values[e])
      guard rows.indices.contains(i) else {
        let name = columns.indices.contains(j) ? columns[j].name : nil
        throw ModelError(
          .indexOutOfRange, column: name,
          "a coefficient is given for row \(i) of \(rowCount): add the row first")
      }
      guard columns.indices.contains(j) else {
        throw ModelError(
          .indexOutOfRange, row: rows[i].name,
          "a coefficient is given for column \(j) of \(columnCount): use variables of this model")
      }
      try Self.check(value, "coefficient") { code, message in
        ModelError(code, row: rows[i].name, column: columns[j].name, message)
      }
      rowMost[i] = max(rowMost[i], abs(value))
      columnMost[j] = max(columnMost[j], abs(value))
    }
    try checkEmpty(rowMost, columnMost)
    try checkPairs(rowMost, columnMost)
  }

  private func checkEmpty(_ rowMost: [Double], _ columnMost: [Double]) throws(ModelError) {
    if allowsEmpty { return }
    if let i = rowMost.firstIndex(of: 0) {
      throw ModelError(
        .emptyRow, row: rows[i].name, "no variable has a coefficient: remove the row, or set allowsEmpty")
    }
    for j in columns.indices where columnMost[j] == 0 && columns[j].objective == 0 {
      throw ModelError(
        .emptyColumn, column: columns[j].name,
        "it occurs in no row and not in the objective: remove it, or set allowsEmpty")
    }
  }

  private func checkPairs(_ rowMost: [Double], _ columnMost: [Double]) throws(ModelError) {
    let matrix = matrixByColumn()
    var lastColumn = Array(repeating: -1, count: rowCount)
    for j in columns.indices {
      for e in matrix[j] {
        let i = Int(matrix.indices[e])
        if lastColumn[i] == j {
          throw ModelError(
            .duplicateEntry, row: rows[i].name, column: columns[j].name,
            "two coefficients are given: add them up")
        }
        lastColumn[i] = j
        if abs(matrix.values[e]) < Self.leastRatio * min(rowMost[i], columnMost[j]) {
          throw ModelError(
            .coefficientRange, row: rows[i].name, column: columns[j].name,
            "the coefficient \(matrix.values[e]) vanishes beside its row and column: leave it out"
          )
        }
      }
    }
  }
}
