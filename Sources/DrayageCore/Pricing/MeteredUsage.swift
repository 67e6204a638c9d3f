/// All that a provider metered of one attempt.
public struct MeteredUsage: Hashable, Sendable {
  /// The tokens, each class apart.
  public var tokens: TokenUsage
  /// How many of the output tokens were spent on reasoning: a part of them, not charged again.
  public var reasoning: Int
  /// What is charged besides, such as web searches or cache writes of another lifetime than the standard one.
  public var besides: [Meter: Int]

  /// A usage of these parts.
  ///
  /// - Precondition: the counts are zero or more.
  public init(_ tokens: TokenUsage, reasoning: Int = 0, besides: [Meter: Int] = [:]) {
    precondition(reasoning >= 0 && besides.values.allSatisfy { $0 >= 0 }, "counts are zero or more")
    self.tokens = tokens
    self.reasoning = reasoning
    self.besides = besides
  }
}

extension Offer {
  /// What `usage` costs when the request is made at `instant`; see ``Tariff/price(_:besides:free:at:under:)``.
  public func price(_ usage: MeteredUsage, at instant: UTCInstant) throws(TariffError) -> Bill {
    try price(usage.tokens, besides: usage.besides, at: instant)
  }
}
