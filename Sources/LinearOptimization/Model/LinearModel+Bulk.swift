extension LinearModel {
  /// Adds a row with bounds (`nil` for none) and optionally its coefficients, as pairs of a column's index
  /// and a coefficient.
  @discardableResult
  public mutating func addRow(
    name: String, lower: Double? = nil, upper: Double? = nil, entries: [(Int, Double)] = []
  ) -> RowHandle {
    let index = rows.count
    rows.append(Row(name: name, bounds: Bounds(lower: lower, upper: upper)))
    for (column, value) in entries { self.entries.add(row: index, column: column, value: value) }
    return RowHandle(index: index)
  }

  /// Adds a row whose sum must equal `value`, with its coefficients as pairs of a column's index and a
  /// coefficient.
  @discardableResult
  public mutating func addRow(
    name: String, equals value: Double, entries: [(Int, Double)] = []
  ) -> RowHandle {
    addRow(name: name, lower: value, upper: value, entries: entries)
  }

  /// Adds a column with bounds (`nil` for none), its objective, and its coefficients as pairs of a row's
  /// index and a coefficient.
  @discardableResult
  public mutating func addColumn(
    name: String, lower: Double? = nil, upper: Double? = nil, objective: Double = 0,
    kind: Kind = .continuous, entries: [(Int, Double)] = []
  ) -> Variable {
    let index = columns.count
    columns.append(
      Column(name: name, bounds: Bounds(lower: lower, upper: upper), objective: objective, kind: kind))
    for (row, value) in entries { self.entries.add(row: row, column: index, value: value) }
    return Variable(index: index)
  }

  /// Makes room for that many more columns, rows and coefficients in all.
  public mutating func reserve(columns: Int, rows: Int, entries: Int) {
    self.columns.reserveCapacity(columnCount + columns)
    self.rows.reserveCapacity(rowCount + rows)
    let total = entryCount + entries
    self.entries.rows.reserveCapacity(total)
    self.entries.columns.reserveCapacity(total)
    self.entries.values.reserveCapacity(total)
  }

  /// Changes the bounds of a variable of this model.
  public mutating func setBounds(_ bounds: some BoundsExpression, of variable: Variable) {
    columns[variable.index].bounds = bounds.bounds
  }

  /// Changes the bounds of a row of this model.
  public mutating func setBounds(_ bounds: some BoundsExpression, of row: RowHandle) {
    rows[row.index].bounds = bounds.bounds
  }

  /// Changes the coefficient in the objective of a variable of this model.
  public mutating func setObjective(_ coefficient: Double, of variable: Variable) {
    columns[variable.index].objective = coefficient
  }
}
