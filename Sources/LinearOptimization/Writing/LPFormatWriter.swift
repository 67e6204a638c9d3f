/// Writes a model in CPLEX LP format, which GLPK, HiGHS, CPLEX, Gurobi and others read with the same meaning.
///
/// Names are made legal and unique: `x[a b]` becomes `x(a_b)`. Numbers read back exactly. A row with two
/// different bounds is written as two rows, `name` and `name.upper`, since not all readers know ranges; a
/// constant in the objective as a column fixed at 1; a row without bounds is left out. Lines have at most 255
/// characters.
public struct LPFormatWriter {
  private let model: LinearModel

  /// A writer of a valid model.
  public init(_ model: LinearModel) {
    self.model = model
  }

  /// Writes to a stream.
  public func write(to stream: inout some TextOutputStream) {
    write { stream.write($0) }
  }

  /// Hands the text to `emit` line by line, each with its line end.
  public func write(_ emit: (String) throws -> Void) rethrows {
    var names = LPNames()
    let columns = model.columns.map { names.name(for: $0.name) }
    let matrix = model.matrixByRow()
    let constant = model.objectiveConstant == 0 ? nil : names.name(for: "objective_constant")
    // What stands with coefficient zero where readers insist on a term.
    let filler = columns.first ?? constant ?? names.name(for: "nothing")
    try emit(model.sense == .minimize ? "Minimize\n" : "Maximize\n")
    var objective: [(Double, String)] = []
    var isMentioned = model.columns.map { $0.objective != 0 }
    for j in matrix.indices { isMentioned[Int(j)] = true }
    // Readers know a column by its first mention, which the bounds must not be.
    for (j, name) in columns.enumerated() where model.columns[j].objective != 0 || !isMentioned[j] {
      objective.append((model.columns[j].objective, name))
    }
    if let constant { objective.append((model.objectiveConstant, constant)) }
    if objective.isEmpty { objective.append((0, filler)) }
    try writeTerms("obj:", objective, ending: "", emit)
    try emit("Subject To\n")
    try writeRows(matrix, columns, filler: filler, emit)
    try writeBounds(columns, constant, emit)
    try emit("End\n")
  }

  private func writeRows(
    _ matrix: CompressedMatrix, _ columns: [String], filler: String, _ emit: (String) throws -> Void
  ) rethrows {
    var names = LPNames(reserving: ["obj"])
    for (i, row) in model.rows.enumerated() {
      let (lower, upper) = (row.bounds.lower, row.bounds.upper)
      var terms = matrix[i].map { (matrix.values[$0], columns[Int(matrix.indices[$0])]) }
      if terms.isEmpty { terms.append((0, filler)) }
      if lower == upper {
        try writeTerms(names.name(for: row.name) + ":", terms, ending: " = \(lower)", emit)
        continue
      }
      if lower.isFinite {
        try writeTerms(names.name(for: row.name) + ":", terms, ending: " >= \(lower)", emit)
      }
      if upper.isFinite {
        let name = lower.isFinite ? row.name + ".upper" : row.name
        try writeTerms(names.name(for: name) + ":", terms, ending: " <= \(upper)", emit)
      }
    }
    if model.rows.allSatisfy({ $0.bounds == .free }) {
      try writeTerms(names.name(for: "nothing") + ":", [(0, filler)], ending: " >= 0.0", emit)
    }
  }

  private func writeBounds(
    _ columns: [String], _ constant: String?, _ emit: (String) throws -> Void
  ) rethrows {
    try emit("Bounds\n")
    if let constant { try emit(" \(constant) = 1\n") }
    for (name, column) in zip(columns, model.columns) {
      let (lower, upper) = (column.bounds.lower, column.bounds.upper)
      switch (lower.isFinite, upper.isFinite) {
      case (false, false): try emit(" \(name) free\n")
      case (true, false) where lower != 0: try emit(" \(name) >= \(lower)\n")
      case (true, false): break
      case (false, true): try emit(" -inf <= \(name) <= \(upper)\n")
      case (true, true):
        try emit(lower == upper ? " \(name) = \(lower)\n" : " \(lower) <= \(name) <= \(upper)\n")
      }
    }
    guard model.hasIntegers else { return }
    try emit("General\n")
    for (name, column) in zip(columns, model.columns) where column.kind == .integer { try emit(" \(name)\n") }
  }

  private func writeTerms(
    _ name: String, _ terms: [(Double, String)], ending: String, _ emit: (String) throws -> Void
  ) rethrows {
    // A name takes about 150 characters and a number 24: what is kept free below 255 is room for the ending.
    var line = " " + name
    for (coefficient, column) in terms {
      let term = coefficient < 0 ? " - \(-coefficient) \(column)" : " + \(abs(coefficient)) \(column)"
      if line.utf8.count + term.utf8.count > 225 {
        try emit(line + "\n")
        line = ""
      }
      line += term
    }
    try emit(line + ending + "\n")
  }
}
