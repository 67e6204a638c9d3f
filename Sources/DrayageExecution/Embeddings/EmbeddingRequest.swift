/// Texts to be turned into vectors.
public struct EmbeddingRequest: Hashable, Sendable {
  /// What the vectors are for. Models that embed questions and documents differently are told; others embed
  /// them alike.
  public enum Purpose: String, Hashable, Sendable, CaseIterable {
    /// To search with.
    case query
    /// To be found.
    case document
  }

  /// The texts, in order: at least one, none empty. Providers set a limit on their number.
  public var texts: [String]
  /// The length of each vector, 1 or more; nil for the model's own.
  ///
  /// Shortened vectors need not be of length 1: `gemini-embedding-001`, for one, leaves that to the reader.
  public var dimensions: Int?
  /// What the vectors are for; nil if that is not known.
  public var purpose: Purpose?

  /// A request of these parts.
  public init(_ texts: [String], dimensions: Int? = nil, purpose: Purpose? = nil) {
    self.texts = texts
    self.dimensions = dimensions
    self.purpose = purpose
  }
}
