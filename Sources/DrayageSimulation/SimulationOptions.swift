public import DrayageCore

/// How a simulated provider behaves. The defaults answer at the recorded pace, without faults or limits, on a
/// free port.
public struct SimulationOptions: Sendable {
  /// What every random draw depends on.
  public var seed: UInt64 = 0
  /// The port on 127.0.0.1, from 0 to 65,535; 0 picks a free one.
  public var port = 0
  /// How many simulated seconds pass per second; more than 0. Infinity waits for nothing and limits no rate.
  public var speed = 1.0
  /// How often each fault happens.
  public var faults = FaultPlan()
  /// The faults that the next attempts at a model meet, in order, nil for none; then those drawn by `faults`.
  public var schedule: [String: [FaultKind?]] = [:]
  /// The rate limits; one that names a model goes before one for all.
  public var limits: [RequestLimit] = []
  /// How long models take where the table does not record it.
  public var latency = LatencyShape()
  /// The `Retry-After` of a 429 fault, in simulated seconds; from 0 to 10⁶.
  public var retryAfter = 1.0
  /// How `Retry-After` is written.
  public var retryAfterForm = RetryAfterForm.seconds
  /// How long ``FaultKind/slowHeaders`` holds back the head, in seconds that are not scaled; from 0 to 10⁶.
  public var slowHeaders = 30.0
  /// Output tokens of the answer to a query that is not in the table, before the request's bound; from 0 to
  /// 10⁹.
  public var answerTokens = 64
  /// The share of every prompt that is read from a cache, from 0 to 1.
  public var cachedShare = 0.0
  /// Output tokens in each event of a stream after the first, which has one; from 1 to 10⁶.
  public var pieceTokens = 4
  /// The certificate to serve TLS with, and its key; nil serves plain HTTP/1.1.
  public var tls: TLSFiles?
  /// How long a hanging request is held before the connection is closed, in seconds that are not scaled; from
  /// 0 to 10⁶.
  public var hangLimit = 600.0
  /// How long a client may take to send a whole request, and a connection may rest between two, in seconds
  /// that are not scaled; more than 0, at most 10⁶.
  public var idleLimit = 60.0
  /// The largest request body accepted, in bytes; at least 1.
  public var bodyLimit = 8 << 20
  /// Connections beyond this number are closed at once; at least 1.
  public var connectionLimit = 16_384
  /// What an answer costs by model and usage; nil bills the recorded cost, also where the output was cut
  /// short.
  public var pricing: (@Sendable (_ model: String, _ usage: TokenUsage) -> Money)?
  /// What an answer of a batch costs by model and usage; nil bills half of what it would cost otherwise, rounded
  /// up, which is what both providers charge.
  public var batchPricing: (@Sendable (_ model: String, _ usage: TokenUsage) -> Money)?
  /// How jobs of many requests are carried out.
  public var batches = BatchBehaviour()

  /// The defaults.
  public init() {}

  /// The two forms of `Retry-After` (RFC 9110, section 10.2.3).
  public enum RetryAfterForm: String, CaseIterable, Hashable, Sendable {
    /// Whole seconds, and milliseconds beside them where the provider sends those.
    case seconds
    /// The moment, in Greenwich time.
    case date
  }

  /// A certificate and its key, for HTTPS with HTTP/2 and HTTP/1.1.
  public struct TLSFiles: Hashable, Sendable {
    /// A PEM file with the certificate and those that vouch for it.
    public var certificate: String
    /// A PEM file with the private key.
    public var key: String

    /// The paths of two PEM files.
    public init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  func validate() throws(SimulationError) {
    func check(_ isValid: Bool, _ message: String) throws(SimulationError) {
      guard isValid else { throw SimulationError(.invalidOption, message) }
    }
    try check(
      (0...65_535).contains(port), "port \(port) does not exist; choose from 0 (any free one) to 65535")
    try check(speed > 0, "speed \(speed) does not move time; choose a number above 0")
    try check((0...1e6).contains(retryAfter), "retry-after of \(retryAfter) s; choose from 0 to 1000000")
    try check((0...1e6).contains(hangLimit), "hang limit of \(hangLimit) s; choose from 0 to 1000000")
    try check((0...1e6).contains(slowHeaders), "slow headers of \(slowHeaders) s; choose from 0 to 1000000")
    try check((0...1).contains(cachedShare), "a cached share of \(cachedShare); choose from 0 to 1")
    try check(
      (0...1_000_000_000).contains(answerTokens), "\(answerTokens) answer tokens; choose from 0 to 1000000000"
    )
    try check(
      (1...1_000_000).contains(pieceTokens), "\(pieceTokens) tokens a piece; choose from 1 to 1000000")
    try check(idleLimit > 0 && idleLimit <= 1e6, "idle limit of \(idleLimit) s; choose above 0, to 1000000")
    try check(bodyLimit >= 1, "body limit of \(bodyLimit) bytes; choose at least 1")
    try check(connectionLimit >= 1, "connection limit of \(connectionLimit); choose at least 1")
    try check(latency.isValid, "\(latency) is no latency; see LatencyShape for the ranges")
    try batches.validate()
  }
}
