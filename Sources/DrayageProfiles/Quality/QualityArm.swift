/// What answers with a quality of its own: a model at a reasoning effort, whoever sells it.
public struct QualityArm: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The model's canonical name.
  public var model: String
  /// The reasoning effort; `nil` if the model has none.
  public var effort: String?

  /// An arm.
  public init(model: String, effort: String? = nil) {
    self.model = model
    self.effort = effort
  }

  /// The model, then the effort if there is one.
  public var description: String { effort.map { "\(model) (\($0))" } ?? model }
}
