public import DrayageCore

/// The vectors of texts.
public struct EmbeddingAnswer: Hashable, Sendable {
  /// One for each text, in the order of the texts; all of one length, at least 1, all values finite.
  public var vectors: [[Float]]
  /// The model as the provider names it; nil if it does not.
  public var model: String?
  /// What the provider metered; nil if it did not say.
  public var usage: MeteredUsage?

  /// An answer of these parts.
  public init(vectors: [[Float]], model: String? = nil, usage: MeteredUsage? = nil) {
    self.vectors = vectors
    self.model = model
    self.usage = usage
  }
}
