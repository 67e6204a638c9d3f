public import DrayageCore

/// Names one attempt among those of all runs that share a ledger.
///
/// Two keys are the same where their UTF-8 bytes are.
public struct ReservationKey: Hashable, Sendable, CustomStringConvertible {
  /// The name of the run that makes the attempt; 1...256 bytes.
  public let run: String
  /// The attempt; the id of its request has at most 1,024 bytes, and its ordinal is 1 or more.
  public let attempt: AttemptID

  /// The key of `attempt` in `run`.
  public init(run: String, attempt: AttemptID) {
    self.run = run
    self.attempt = attempt
  }

  /// Such as `run-7/row-17#2`.
  public var description: String { "\(run)/\(attempt)" }

  /// Whether run, request and ordinal are the same to the byte, as in the tables.
  public static func == (a: ReservationKey, b: ReservationKey) -> Bool {
    a.attempt.ordinal == b.attempt.ordinal && a.run.utf8.elementsEqual(b.run.utf8)
      && a.attempt.request.utf8.elementsEqual(b.attempt.request.utf8)
  }

  /// Feeds the bytes that ``==(_:_:)`` compares.
  public func hash(into hasher: inout Hasher) {
    var request = attempt.request
    request.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(attempt.ordinal)
  }
}

extension ReservationKey: Comparable {
  /// The order in which every process writes rows, so that no two wait for each other.
  public static func < (a: ReservationKey, b: ReservationKey) -> Bool {
    if !a.run.utf8.elementsEqual(b.run.utf8) { return a.run.utf8.lexicographicallyPrecedes(b.run.utf8) }
    if !a.attempt.request.utf8.elementsEqual(b.attempt.request.utf8) {
      return a.attempt.request.utf8.lexicographicallyPrecedes(b.attempt.request.utf8)
    }
    return a.attempt.ordinal < b.attempt.ordinal
  }
}
