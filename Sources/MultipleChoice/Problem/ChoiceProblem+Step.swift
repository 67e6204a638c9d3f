extension ChoiceProblem {
  /// The largest power of ten, from 1 down to 10⁻⁶, of which every objective coefficient is a whole multiple;
  /// `nil` if there is none.
  ///
  /// Every assignment's objective is a multiple of it too, so a gap smaller than it is closed: the assignment
  /// is optimal. O(nM).
  public var objectiveStep: Double? {
    guard objective.terms.count == 1, abs(objective.terms[0].weight) == 1, purchases.isEmpty else {
      return nil
    }
    guard let attribute = objective.terms[0].attribute else { return 1 }
    var scale = 1.0
    for run in columns.layout.runs {
      for position in run.positions {
        for option in columns.options[run.segment] {
          let value = columns.value(attribute, at: position, Int(option))
          if value.isNaN { continue }
          while !Self.isWhole(value * scale) {
            scale *= 10
            if scale > 1e6 { return nil }
          }
        }
      }
    }
    return 1 / scale
  }

  private static func isWhole(_ value: Double) -> Bool {
    abs(value - value.rounded()) <= 4 * value.ulp && abs(value) < 0x1p50
  }

  /// Whether no assignment can have a better objective than `value`, given that none is better than `bound`:
  /// they are equal to a relative 10⁻⁹, or less than a step apart.
  public func isOptimal(value: Double, bound: Double, step: Double?) -> Bool {
    let gap = abs(value - bound)
    if gap <= 1e-9 * max(abs(bound), 1e-9) { return true }
    // A hair less than a step, because value and bound are rounded sums.
    return step.map { gap < $0 - 1e-9 * max(1, abs(bound)) } ?? false
  }
}
