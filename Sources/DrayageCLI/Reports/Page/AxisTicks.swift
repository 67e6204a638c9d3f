/// A round number on an axis: `mantissa` times ten to the `exponent`, which its label prints exactly.
struct AxisTick: Sendable, Equatable {
  let mantissa: Int
  let exponent: Int

  // The conversion from decimal text rounds correctly where a product with a power of ten would not.
  var value: Double { Double("\(mantissa)e\(exponent)") ?? 0 }
}

extension AxisScale {
  /// At most `most` round numbers within the axis (or five, where fewer would leave one), ascending:
  /// multiples of 1, 2 or 5 times a power of ten on a linear axis; on a logarithmic one 1, 2 and 5 in every
  /// power of ten, or only some powers where that is too many.
  func ticks(most: Int) -> [AxisTick] {
    switch kind {
    case .linear: linearTicks(most)
    case .logarithmic: (room > 0 ? [AxisTick(mantissa: 0, exponent: 0)] : []) + logarithmicTicks(most)
    }
  }

  private func linearTicks(_ most: Int) -> [AxisTick] {
    guard high > low, most > 0 else { return [] }
    var finer: [AxisTick] = []
    var exponent = Self.exponent(of: (high - low) / Double(most)) - 1
    while exponent < 300 {
      for leading in [1, 2, 5] {
        let step = AxisTick(mantissa: leading, exponent: exponent).value
        // The tolerance keeps a tick on an end that is itself a round number.
        let first = (low / step - 1e-9).rounded(.up)
        let last = (high / step + 1e-9).rounded(.down)
        guard abs(first) < 1e9, abs(last) < 1e9 else { continue }
        // One number alone is no scale; the next finer step has five at most where this one has fewer than
        // two.
        if last <= first { return finer }
        finer = (Int(first)...Int(last)).map { AxisTick(mantissa: $0 * leading, exponent: exponent) }
        if finer.count <= most { return finer }
      }
      exponent += 1
    }
    return finer
  }

  private func logarithmicTicks(_ most: Int) -> [AxisTick] {
    let exponents = Self.exponent(of: low)...Self.exponent(of: high)
    func ticks(_ leading: [Int], every: Int) -> [AxisTick] {
      exponents.filter { $0.isMultiple(of: every) }
        .flatMap { exponent in leading.map { AxisTick(mantissa: $0, exponent: exponent) } }
        .filter { $0.value >= low * (1 - 1e-9) && $0.value <= high * (1 + 1e-9) }
    }
    let all = ticks([1, 2, 5], every: 1)
    if all.count <= most { return all }
    for every in 1...400 {
      let some = ticks([1], every: every)
      if some.count <= most { return some }
    }
    return []
  }

  /// The exponent of the leading decimal digit of a positive number.
  private static func exponent(of value: Double) -> Int {
    var exponent = Int((Double(value.exponent) * 0.301_029_995_663_981_2).rounded(.down))
    while AxisTick(mantissa: 1, exponent: exponent + 1).value <= value { exponent += 1 }
    return exponent
  }
}
