/// A probability distribution over finitely many values: what a profile expects of a quantity.
public struct Distribution: Hashable, Sendable {
  /// A value and its probability.
  package struct Atom: Hashable, Sendable {
    package var value: Double
    package var mass: Double

    package init(_ value: Double, _ mass: Double) {
      self.value = value
      self.mass = mass
    }
  }

  /// The values, ascending, with their probabilities, which sum to 1. Not empty.
  package let atoms: [Atom]
  /// For each atom the probability of it and all before; the last is 1.
  private let cumulative: [Double]

  /// The distribution whose probabilities are in proportion to masses.
  ///
  /// - Parameter atoms: finite values in any order, with finite masses of 0 or more; values may repeat.
  /// - Returns: `nil` if the masses sum to 0.
  package init?(_ atoms: some Sequence<Atom>) {
    var merged: [Atom] = []
    for atom in atoms.filter({ $0.mass > 0 }).sorted(by: { ($0.value, $0.mass) < ($1.value, $1.mass) }) {
      if merged.last?.value == atom.value {
        merged[merged.count - 1].mass += atom.mass
      } else {
        merged.append(atom)
      }
    }
    let total = merged.reduce(0) { $0 + $1.mass }
    guard total > 0, total.isFinite else { return nil }
    var sum = 0.0
    var cumulative: [Double] = []
    for k in merged.indices {
      sum += merged[k].mass
      merged[k].mass /= total
      cumulative.append(sum / total)
    }
    cumulative[cumulative.count - 1] = 1
    self.atoms = merged
    self.cumulative = cumulative
  }

  /// The distribution of the values in a sketch, each bucket at its mean; `nil` if it is empty.
  public init?(_ sketch: WeightedSketch) {
    self.init(sketch.buckets.map { Atom($0.mean, $0.weight) })
  }

  /// The mean.
  public var mean: Double { atoms.reduce(0) { $0 + $1.mass * $1.value } }

  /// The variance.
  public var variance: Double {
    let mean = mean
    return atoms.reduce(0) { $0 + $1.mass * ($1.value - mean) * ($1.value - mean) }
  }

  /// The least and the greatest value.
  public var bounds: ClosedRange<Double> { atoms[0].value...atoms[atoms.count - 1].value }

  /// The least value that is not exceeded with probability `p`.
  ///
  /// - Parameter p: 0...1; taken to the nearer end if outside.
  public func quantile(_ p: Double) -> Double {
    var low = 0
    var high = atoms.count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] < p { low = middle + 1 } else { high = middle }
    }
    return atoms[low].value
  }

  /// The probability of exceeding `value`.
  public func probability(above value: Double) -> Double {
    var low = 0
    var high = atoms.count
    while low < high {
      let middle = (low + high) / 2
      if atoms[middle].value <= value { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? 1 : 1 - cumulative[low - 1]
  }

  /// The probability that X + Y exceeds `value`, where X has this distribution and Y, independent of it,
  /// has `other`. O(n + m) for distributions over n and m values.
  package func probability(ofSumWith other: Distribution, above value: Double) -> Double {
    var notAbove = atoms.count
    return other.atoms.reduce(0) { sum, atom in
      while notAbove > 0, atoms[notAbove - 1].value > value - atom.value { notAbove -= 1 }
      return sum + atom.mass * (notAbove == 0 ? 1 : 1 - cumulative[notAbove - 1])
    }
  }

  /// The distribution of min(X, cap), where X has this one.
  public func capped(at cap: Double) -> Distribution {
    Distribution(atoms.map { Atom(min($0.value, cap), $0.mass) }) ?? self
  }
}
