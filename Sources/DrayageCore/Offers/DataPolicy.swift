/// What a provider does with the text of requests, as far as it says.
public struct DataPolicy: Hashable, Sendable {
  /// The regions in which processing can be held, such as `eu`; empty if not stated.
  public var residency: [String]
  /// Whether requests may be used for training; nil if not stated.
  public var training: Bool?

  /// The given policy; nothing stated unless said.
  public init(residency: [String] = [], training: Bool? = nil) {
    self.residency = residency
    self.training = training
  }
}
