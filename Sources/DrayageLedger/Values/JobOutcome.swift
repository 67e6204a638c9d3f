public import DrayageCore

/// How an item of a batch has ended.
public struct JobOutcome: Hashable, Sendable {
  /// Who has answered it, such as an offer; at most 1,024 bytes. Nil if nobody has.
  public var source: String?
  /// Why nobody has answered it, as a word; at most 256 bytes. Nil if somebody has.
  public var code: String?
  /// What all its attempts have cost.
  public var charge: Money
  /// How many attempts were made.
  public var attempts: Int
  /// What the answer was judged to be worth, if somebody judged it.
  public var score: Double?
  /// What the answer was expected to be worth.
  public var expected: Double?
  /// The seconds that the answer took.
  public var seconds: Double?
  /// The result as it is to be written down; at most 256 MiB.
  public var result: [UInt8]
  /// Whether it is over for good. If not, the next beginning of the batch takes it up again.
  public var isFinal: Bool

  /// An outcome.
  public init(
    source: String? = nil, code: String? = nil, charge: Money = .zero, attempts: Int = 0,
    score: Double? = nil,
    expected: Double? = nil, seconds: Double? = nil, result: [UInt8], isFinal: Bool = true
  ) {
    self.source = source
    self.code = code
    self.charge = charge
    self.attempts = attempts
    self.score = score
    self.expected = expected
    self.seconds = seconds
    self.result = result
    self.isFinal = isFinal
  }
}

/// One item with its result, as the output of a batch is written from them.
public struct JobResult: Hashable, Sendable {
  /// The item's place within its batch.
  public let ordinal: Int
  /// The item's id.
  public let id: String
  /// Why nobody has answered it; nil if somebody has, or it is not over.
  public let code: String?
  /// The result; nil if the item is not over.
  public let result: [UInt8]?

  /// An item with its result.
  public init(ordinal: Int, id: String, code: String?, result: [UInt8]?) {
    self.ordinal = ordinal
    self.id = id
    self.code = code
    self.result = result
  }
}

/// What ended within one second.
public struct JobMoment: Hashable, Sendable {
  /// The second.
  public let at: UTCInstant
  /// How many items somebody has answered.
  public let answered: Int
  /// How many nobody has.
  public let failed: Int
  /// What they have cost.
  public let charge: Money

  /// A second.
  public init(at: UTCInstant, answered: Int, failed: Int, charge: Money) {
    self.at = at
    self.answered = answered
    self.failed = failed
    self.charge = charge
  }
}

/// What the items of a batch that have ended the same way come to.
public struct JobTally: Hashable, Sendable {
  /// Who has answered them; nil for those that nobody has.
  public let source: String?
  /// Why nobody has answered them; nil for those that somebody has.
  public let code: String?
  /// How many they are.
  public let count: Int
  /// What their attempts have cost: those of the item, the failed ones before the answer included.
  public let charge: Money
  /// How many of them were judged.
  public let scored: Int
  /// The sum of what they were judged to be worth.
  public let scores: Double
  /// The sum of what they were expected to be worth.
  public let expected: Double

  /// A tally.
  public init(
    source: String?, code: String?, count: Int, charge: Money, scored: Int, scores: Double, expected: Double
  ) {
    self.source = source
    self.code = code
    self.count = count
    self.charge = charge
    self.scored = scored
    self.scores = scores
    self.expected = expected
  }
}
