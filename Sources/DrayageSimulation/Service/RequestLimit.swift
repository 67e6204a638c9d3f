/// A limit on how many requests per minute a model accepts.
public struct RequestLimit: Hashable, Sendable {
  /// The model; nil for every model that has no limit of its own. Each model is counted apart.
  public let model: String?
  /// Requests per simulated minute, at least 1. As many may come at once after a minute of rest.
  public let requestsPerMinute: Int

  /// A limit on `model`, or on every model if nil.
  ///
  /// - Throws: ``SimulationError`` of code `invalidOption` unless the limit is from 1 to 10⁹.
  public init(model: String?, requestsPerMinute: Int) throws(SimulationError) {
    guard (1...1_000_000_000).contains(requestsPerMinute) else {
      throw SimulationError(
        .invalidOption, "\(requestsPerMinute) requests per minute; a limit is from 1 to 1000000000")
    }
    self.model = model
    self.requestsPerMinute = requestsPerMinute
  }

  /// Reads `MODEL:rpm=60`, where `*` is every model.
  ///
  /// - Throws: ``SimulationError`` of code `invalidOption`.
  public init(parsing text: String) throws(SimulationError) {
    // The last colon: names of models hold colons too.
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
      text[text.index(after: colon)...].hasPrefix("rpm="),
      let number = Int(text[text.index(after: colon)...].dropFirst(4))
    else {
      throw SimulationError(
        .invalidOption, "limit '\(text.prefix(80))' does not read MODEL:rpm=NUMBER, such as '*:rpm=60'")
    }
    let model = String(text[..<colon])
    try self.init(model: model == "*" ? nil : model, requestsPerMinute: number)
  }
}
