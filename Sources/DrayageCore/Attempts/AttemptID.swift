/// One attempt to have one request answered: the unit that is reserved, sent and settled.
public struct AttemptID: Hashable, Sendable, CustomStringConvertible {
  /// The request's own id, unique within a run.
  public let request: String
  /// The ordinal of the attempt for this request, from 1.
  public let ordinal: Int

  /// The `ordinal`th attempt for `request`.
  public init(request: String, ordinal: Int) {
    self.request = request
    self.ordinal = ordinal
  }

  /// Such as `row-17#2`.
  public var description: String { "\(request)#\(ordinal)" }
}
