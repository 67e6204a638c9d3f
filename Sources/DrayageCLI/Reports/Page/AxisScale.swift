import Foundation

/// Where a value lies along an axis: 0 at its start, 1 at its end.
struct AxisScale: Sendable {
  enum Kind: Sendable { case linear, logarithmic }

  let kind: Kind
  let low: Double
  let high: Double
  /// The share of a logarithmic axis that is kept free at its start, for values of zero.
  private(set) var room = 0.0

  /// Values beyond this, and those that are not numbers, are not drawn.
  static let limit = 1e100

  static func isDrawable(_ value: Double) -> Bool { abs(value) <= limit }

  /// From the least to the greatest value, and some room where they are (almost) equal.
  static func linear(_ values: [Double], margin: Double = 0) -> AxisScale {
    let drawable = values.filter(isDrawable)
    guard let low = drawable.min(), let high = drawable.max() else {
      return AxisScale(kind: .linear, low: 0, high: 1)
    }
    let size = max(abs(low), abs(high))
    let span = high - low
    // Room is no reason to show amounts below zero where there are none.
    let floor = low >= 0 ? 0 : -Double.infinity
    // A span below a thousandth of the values would need labels of many digits to tell its ticks apart.
    if span < size / 1000 || span < 1e-100 {
      let half = size < 1e-90 ? 1 : size / 20
      return AxisScale(kind: .linear, low: max(floor, (low + high) / 2 - half), high: (low + high) / 2 + half)
    }
    return AxisScale(kind: .linear, low: max(floor, low - span * margin), high: high + span * margin)
  }

  /// From the least to the greatest positive value, at least a factor of ten.
  static func logarithmic(_ values: [Double], margin: Double = 0) -> AxisScale {
    let drawable = values.filter { isDrawable($0) && $0 >= 0 }
    let positive = drawable.filter { $0 > 1e-100 }
    guard let low = positive.min(), let high = positive.max() else {
      return AxisScale(kind: .logarithmic, low: 0.1, high: 10)
    }
    let factor = pow(high / low, margin) * max(1, (10 / (high / low)).squareRoot())
    return AxisScale(
      kind: .logarithmic, low: low / factor, high: high * factor,
      room: positive.count < drawable.count ? 0.1 : 0)
  }

  /// Logarithmic where the values span more than a factor of 20, linear otherwise.
  static func suitable(_ values: [Double], margin: Double) -> AxisScale {
    let drawable = values.filter(isDrawable)
    let positive = drawable.filter { $0 > 1e-100 }
    if let low = positive.min(), let high = positive.max(), high / low > 20, drawable.allSatisfy({ $0 >= 0 })
    {
      return logarithmic(drawable, margin: margin)
    }
    return linear(drawable, margin: margin)
  }

  /// The same axis, ending no later than the given range.
  func clamped(to range: ClosedRange<Double>) -> AxisScale {
    AxisScale(kind: kind, low: max(low, range.lowerBound), high: min(high, range.upperBound), room: room)
  }

  /// Within 0...1 for every value; outside the axis, its nearer end.
  func position(_ value: Double) -> Double {
    let share: Double
    switch kind {
    case .linear: share = (value - low) / (high - low)
    case .logarithmic:
      if value <= 0 { return 0 }
      share = room + (1 - room) * log(value / low) / log(high / low)
    }
    guard !share.isNaN else { return 0 }
    return min(1, max(room > 0 && value > 0 ? room : 0, share))
  }

  /// Whether the axis reaches this far.
  func contains(_ value: Double) -> Bool { value >= low && value <= high }
}
