extension Distribution {
  /// The mixture of distributions in proportion to weights; `nil` if no weight is above 0.
  package static func mixture(_ parts: [(distribution: Distribution, weight: Double)]) -> Distribution? {
    Distribution(
      parts.lazy.filter { $0.weight > 0 }.flatMap { part in
        part.distribution.atoms.lazy.map { Atom($0.value, $0.mass * part.weight) }
      })
  }

  /// A distribution of at most `count` values with the same mean: values of one stratum become their mean.
  ///
  /// Strata are even in the log-odds of probability, from -8 to 8, and so are finer in both tails, where
  /// deadlines are missed, than in the middle. Values keep their order.
  package func condensed(to count: Int) -> Distribution {
    guard atoms.count > count else { return self }
    var strata = Array(repeating: Atom(0, 0), count: count)
    var below = 0.0
    for atom in atoms {
      let middle = min(max(below + atom.mass / 2, 1e-300), 1 - 0x1p-53)
      let place = (ElementaryFunctions.logOdds(middle) + 8) / 16 * Double(count)
      let stratum = min(max(Int(place.rounded(.down)), 0), count - 1)
      strata[stratum].mass += atom.mass
      strata[stratum].value += atom.mass * atom.value
      below += atom.mass
    }
    return Distribution(strata.filter { $0.mass > 0 }.map { Atom($0.value / $0.mass, $0.mass) }) ?? self
  }

  /// The distribution of X·exp(Z), where X has this one and Z is normal with mean 0: the same shape about a
  /// median that is not known exactly.
  ///
  /// - Parameter deviation: the standard deviation of Z, 0 or more.
  package func blurred(deviation: Double) -> Distribution {
    guard deviation > 0 else { return self }
    let factors = (-8...8).map { step in
      let z = Double(step) * 0.5
      return (
        value: ElementaryFunctions.exponential(deviation * z),
        weight: ElementaryFunctions.exponential(-z * z / 2)
      )
    }
    let products = factors.lazy.flatMap { factor in
      atoms.lazy.map { (value: $0.value * factor.value, weight: $0.mass * factor.weight) }
    }
    return Distribution(WeightedSketch(collecting: products)) ?? self
  }
}
