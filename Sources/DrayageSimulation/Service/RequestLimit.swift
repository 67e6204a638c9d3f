/// Limits on how much a model takes: requests and tokens per minute, and requests at once.
public struct RequestLimit: Hashable, Sendable {
  /// The model; nil for every model that has no limit of its own. Each model is counted apart.
  public let model: String?
  /// Requests per simulated minute, at least 1; nil for no limit. As many may come at once after a minute of
  /// rest.
  public let requestsPerMinute: Int?
  /// Input and output tokens per simulated minute, at least 1; nil for no limit. An answer counts when it is
  /// asked for, with all its tokens; one that is larger than the limit needs a full minute's rest.
  public let tokensPerMinute: Int?
  /// Requests that may be in progress at once, at least 1; nil for no limit.
  public let concurrency: Int?

  /// A limit on `model`, or on every model if nil.
  ///
  /// - Throws: ``SimulationError`` of code `invalidOption` unless every limit is from 1 to 10⁹ and there is one.
  public init(
    model: String?, requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, concurrency: Int? = nil
  ) throws(SimulationError) {
    let limits = [
      (requestsPerMinute, "requests per minute"), (tokensPerMinute, "tokens per minute"),
      (concurrency, "requests at once"),
    ]
    for case (let limit?, let unit) in limits where !(1...1_000_000_000).contains(limit) {
      throw SimulationError(.invalidOption, "\(limit) \(unit); a limit is from 1 to 1000000000")
    }
    guard limits.contains(where: { $0.0 != nil }) else {
      throw SimulationError(.invalidOption, "a limit that limits nothing; give rpm, tpm or concurrency")
    }
    self.model = model
    self.requestsPerMinute = requestsPerMinute
    self.tokensPerMinute = tokensPerMinute
    self.concurrency = concurrency
  }

  /// Reads `MODEL:rpm=60,tpm=10000,concurrency=4`, where `*` is every model and at least one limit is given.
  ///
  /// - Throws: ``SimulationError`` of code `invalidOption`.
  public init(parsing text: String) throws(SimulationError) {
    let fault = SimulationError(
      .invalidOption,
      "limit '\(text.prefix(80))' does not read MODEL:rpm=NUMBER, such as '*:rpm=60' or "
        + "'*:rpm=60,tpm=10000,concurrency=4'")
    // The last colon: names of models hold colons too.
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else { throw fault }
    var limits: [Substring: Int] = [:]
    for entry in text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false) {
      let parts = entry.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, ["rpm", "tpm", "concurrency"].contains(parts[0]), let number = Int(parts[1]),
        limits.updateValue(number, forKey: parts[0]) == nil
      else { throw fault }
    }
    let model = String(text[..<colon])
    try self.init(
      model: model == "*" ? nil : model, requestsPerMinute: limits["rpm"], tokensPerMinute: limits["tpm"],
      concurrency: limits["concurrency"])
  }
}
