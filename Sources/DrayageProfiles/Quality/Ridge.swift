/// How strongly the slopes of an item-response model are held back: the inverse of their variances
/// beforehand.
public struct Ridge: Hashable, Sendable, Codable {
  /// On the slopes that all models share: how a feature makes queries harder for everyone. Above 0.
  public var shared: Double
  /// On by how much each model's slopes deviate from the shared ones. Above 0.
  public var deviations: Double

  /// Holds slopes at zero for all practical purposes.
  public static let rigid = 1e9

  /// A ridge of these strengths.
  public init(shared: Double, deviations: Double) {
    self.shared = shared
    self.deviations = deviations
  }
}
