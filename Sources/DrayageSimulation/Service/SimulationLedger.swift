/// What a simulated provider has seen and billed, by its own count: the other side of the books.
///
/// For every model and in total, attempts = answers + replays + limited + open + faults that are not billed.
public struct SimulationLedger: Hashable, Sendable, Codable {
  /// The counts of one model, or of all.
  public struct Counts: Hashable, Sendable, Codable {
    /// Requests for an answer, whatever became of them.
    public var attempts = 0
    /// Answers generated and billed, those included that a fault then kept from arriving.
    public var answers = 0
    /// Answers sent again for a repeated idempotency key; not billed.
    public var replays = 0
    /// Requests refused by a rate limit; not billed.
    public var limited = 0
    /// Streams in progress; billed when they end.
    public var open = 0
    /// Of the answers, streams whose client went away before the end; billed for what was written until then.
    public var aborted = 0
    /// Of the answers, those to queries that are not in the table.
    public var unrecorded = 0
    /// Of the answers, those of batches.
    public var batched = 0
    /// Of the answers, those billed at zero because nothing says what they cost.
    public var unpriced = 0
    /// Input tokens billed, those read from a cache included.
    public var inputTokens = 0
    /// Of the input tokens billed, those read from a cache.
    public var cachedTokens = 0
    /// Output tokens billed.
    public var outputTokens = 0
    /// Nano-dollars billed.
    public var nanodollars: Int64 = 0
    /// Faults by kind; every kind is there.
    public var faults: [String: Int]

    /// Nothing yet.
    public init() {
      faults = Dictionary(uniqueKeysWithValues: FaultKind.allCases.map { ($0.rawValue, 0) })
    }

    enum CodingKeys: String, CodingKey {
      case attempts, answers, replays, limited, open, aborted, unrecorded, batched, unpriced, faults
      case inputTokens = "billed_input_tokens"
      case cachedTokens = "billed_cached_tokens"
      case outputTokens = "billed_output_tokens"
      case nanodollars = "billed_nanodollars"
    }
  }

  /// The sums over all models.
  public let total: Counts
  /// By model.
  public let models: [String: Counts]
  /// How many answers were billed for each query that has any, by query identifier.
  public let billedAnswers: [String: Int]
  /// Requests that named what the table does not have or broke the protocol.
  public let refused: Int

  enum CodingKeys: String, CodingKey {
    case total, models, refused
    case billedAnswers = "billed_answers_by_query"
  }

  init(models: [String: Counts], billedAnswers: [String: Int], refused: Int) {
    self.models = models
    self.billedAnswers = billedAnswers
    self.refused = refused
    total = models.values.reduce(into: Counts()) { $0.add($1) }
  }
}

extension SimulationLedger.Counts {
  mutating func add(_ fault: FaultKind) {
    faults[fault.rawValue, default: 0] += 1
  }

  mutating func bill(_ usage: AnswerUsage, nanodollars amount: Int64) {
    answers += 1
    inputTokens += usage.input
    cachedTokens += usage.cached
    outputTokens += usage.output
    nanodollars = Self.sum(nanodollars, amount)
  }

  mutating func add(_ other: Self) {
    attempts += other.attempts
    answers += other.answers
    replays += other.replays
    limited += other.limited
    open += other.open
    aborted += other.aborted
    unrecorded += other.unrecorded
    batched += other.batched
    unpriced += other.unpriced
    cachedTokens += other.cachedTokens
    inputTokens += other.inputTokens
    outputTokens += other.outputTokens
    nanodollars = Self.sum(nanodollars, other.nanodollars)
    faults.merge(other.faults, uniquingKeysWith: +)
  }

  /// The sum, held at the largest amount there is: a table may record costs whose sum no account holds.
  private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}
