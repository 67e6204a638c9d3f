/// The least and the greatest value of a variable or of a row.
public struct Bounds: Hashable, Sendable {
  /// The least value; `-infinity` for none.
  public var lower: Double
  /// The greatest value; `+infinity` for none.
  public var upper: Double

  /// Bounds; `nil` leaves a side open. Nothing is checked here: ``LinearModel/validate()`` does.
  public init(lower: Double? = nil, upper: Double? = nil) {
    self.lower = lower ?? -.infinity
    self.upper = upper ?? .infinity
  }
}

/// What can be given as bounds: `0...`, `...5`, `0...1`, ``BoundsExpression/free``,
/// ``BoundsExpression/fixed(_:)``.
public protocol BoundsExpression {
  /// The bounds that are meant.
  var bounds: Bounds { get }
}

extension Bounds: BoundsExpression {
  /// The bounds themselves.
  public var bounds: Bounds { self }
}

extension BoundsExpression where Self == Bounds {
  /// No bound on either side.
  public static var free: Bounds { Bounds() }

  /// One value only.
  public static func fixed(_ value: Double) -> Bounds { Bounds(lower: value, upper: value) }
}

extension ClosedRange: BoundsExpression where Bound == Double {
  /// Both bounds.
  public var bounds: Bounds { Bounds(lower: lowerBound, upper: upperBound) }
}

extension PartialRangeFrom: BoundsExpression where Bound == Double {
  /// A lower bound alone.
  public var bounds: Bounds { Bounds(lower: lowerBound) }
}

extension PartialRangeThrough: BoundsExpression where Bound == Double {
  /// An upper bound alone.
  public var bounds: Bounds { Bounds(upper: upperBound) }
}
