/// A prediction, or that there is none and why. Not knowing is an answer of its own: what to do with an offer
/// whose latency is unknown is for the caller to decide, never for a default to hide.
public enum Prediction<Value> {
  /// The prediction, and how many fresh records it rests on; 0 if on published figures alone.
  case known(Value, weight: Double)
  /// There is none.
  case unknown(Unknown)

  /// The value; `nil` if unknown.
  public var value: Value? {
    if case .known(let value, _) = self { value } else { nil }
  }
}

extension Prediction: Sendable where Value: Sendable {}
extension Prediction: Equatable where Value: Equatable {}

/// Why there is no prediction.
public enum Unknown: Hashable, Sendable, CustomStringConvertible {
  /// Nothing was recorded, and nothing published is given.
  case nothingRecorded
  /// The records count for fewer fresh ones than are asked for, and nothing published is given.
  case tooFew(weight: Double, least: Double)
  /// The published figures are this many days old, more than are allowed, and the records too few.
  case tooOld(days: Double)
  /// The length of the answer is not known.
  case noLengths

  /// The reason in words.
  public var description: String {
    switch self {
    case .nothingRecorded: "nothing was recorded yet"
    case .tooFew(let weight, let least): "records are worth \(weight) fresh ones; \(least) are needed"
    case .tooOld(let days): "published figures are \(days) days old, and records too few"
    case .noLengths: "the length of the answer is not known"
    }
  }
}
