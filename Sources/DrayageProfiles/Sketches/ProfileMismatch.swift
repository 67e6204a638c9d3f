/// Why two profiles cannot be merged.
public struct ProfileMismatch: Error, Hashable, Sendable, CustomStringConvertible {
  /// What differs, then what to do about it.
  public let description: String

  /// A mismatch that `description` tells.
  public init(_ description: String) { self.description = description }
}
