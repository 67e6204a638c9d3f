/// Multipliers of the rows that prove that no values within the columns' bounds satisfy them (J. Farkas,
/// 1902).
///
/// Take `y`, positive only where a row has a lower bound and negative only where it has an upper one. Every
/// point that satisfies the rows also satisfies their sum, weighted by `y`:
///
///     Σ_j (Σ_i y_i a_ij) x_j  >=  Σ_{y_i > 0} y_i L_i + Σ_{y_i < 0} y_i U_i      (the required)
///
/// If the left cannot reach the right even at its greatest over the columns' bounds (the attainable), there
/// is no such point. Anyone can check that in one pass over the model. Integrality plays no part.
public struct InfeasibilityCertificate: Hashable, Sendable {
  /// The multiplier of each row.
  public let multipliers: [Double]

  /// A certificate to be verified; one multiplier for each row.
  public init(multipliers: [Double]) {
    self.multipliers = multipliers
  }

  /// The rows that take part, by index.
  public var rows: [Int] { multipliers.indices.filter { multipliers[$0] != 0 } }

  /// Whether the proof holds for `model`.
  ///
  /// - Parameters:
  ///   - model: a valid model.
  ///   - tolerance: by what part of the sums' terms the required must exceed the attainable, so that rounding
  ///     cannot have done it. A
  ///     column's multiplier below this part of its own terms counts as zero.
  public func verify(against model: LinearModel, tolerance: Double = 1e-9) -> Bool {
    guard let margin = margin(against: model, tolerance: tolerance) else { return false }
    return margin > 0
  }

  /// By how much the required exceeds the attainable, less what rounding can do; `nil` if the multipliers do
  /// not fit the model.
  public func margin(against model: LinearModel, tolerance: Double = 1e-9) -> Double? {
    guard multipliers.count == model.rowCount, multipliers.allSatisfy(\.isFinite) else { return nil }
    var margin = CompensatedSum()
    for (multiplier, row) in zip(multipliers, model.rows) where multiplier != 0 {
      let bound = multiplier > 0 ? row.bounds.lower : row.bounds.upper
      guard bound.isFinite else { return nil }
      margin += multiplier * bound
    }
    var sums = Array(repeating: CompensatedSum(), count: model.columnCount)
    for e in model.entries.values.indices {
      sums[Int(model.entries.columns[e])] += model.entries.values[e] * multipliers[Int(model.entries.rows[e])]
    }
    for (sum, column) in zip(sums, model.columns) where sum.magnitude > 0 {
      let bound = sum.value > 0 ? column.bounds.upper : column.bounds.lower
      if bound.isFinite {
        margin += -sum.value * bound
      } else if abs(sum.value) > tolerance * sum.magnitude {
        return nil
      }
    }
    return margin.value - tolerance * margin.magnitude
  }
}
