/// A row, and what each target is expected to do for it.
struct PlannedRow: Sendable {
  /// One target.
  struct Cell: Sendable {
    var isEligible: Bool
    /// Nano-dollars, at the prices of the last plan.
    var cost: Int64
    var quality: Double
    var miss: Double
    /// Input and output.
    var tokens: Double
    var inputTokens: Double

    /// The tokens to expect, as rate limits count them.
    var expectedInput: Int { Admission.tokens(inputTokens) }
    var expectedOutput: Int { Admission.tokens(tokens - inputTokens) }
  }

  let row: BatchRow
  /// By target.
  private(set) var cells: [Cell]

  /// The same row, that `targets` cannot serve any more.
  func without(_ targets: some Sequence<Int>) -> PlannedRow {
    var copy = self
    for target in targets { copy.cells[target].isEligible = false }
    return copy
  }
}

extension PlannedRow {
  /// Whether some target can serve it.
  var isServed: Bool { cells.contains(where: \.isEligible) }

  /// What its cheapest target is expected to cost, in nano-dollars.
  func cheapest(_ corrections: [CostCorrection]) -> Int64 {
    cells.indices.filter { cells[$0].isEligible }.map { corrections[$0].applied(to: cells[$0].cost) }.min()
      ?? 0
  }

  /// The target that is expected to cost the least.
  func cheapestTarget(_ corrections: [CostCorrection]) -> Int? {
    cells.indices.filter { cells[$0].isEligible }
      .min { corrections[$0].applied(to: cells[$0].cost) < corrections[$1].applied(to: cells[$1].cost) }
  }
}
