/// Why an offer cannot serve a request.
public enum Rejection: Error, Hashable, Sendable {
  /// The offer lacks a capability that the request needs.
  case lacks(Capability)
  /// Input and output together, or one of them, exceed what the model takes.
  case tooLong(input: Int, output: Int)
  /// The offer is no longer sold.
  case retired(at: UTCInstant, replacement: String? = nil)
  /// The service does not answer single requests.
  case notLive(service: String)
  /// No address to send to, or a wire format that is not spoken.
  case unreachable(String)
  /// Its wire format cannot carry a part of the request: which.
  case inexpressible(String)
  /// Left out by whoever asks: why.
  case excluded(String)
  /// No price is known.
  case noPrice(TariffError)
  /// Neither the request nor the offer limits the output, so its cost has no bound.
  case unboundedOutput
  /// Nothing is known of the quality or the cost of this offer for such requests.
  case noEstimate
  /// There is a deadline, and nothing is known of how long the offer takes: why.
  case noLatency(String)
}

extension Rejection: CustomStringConvertible {
  /// A clause for people, such as `lacks tools`.
  public var description: String {
    switch self {
    case .lacks(let capability): "lacks \(capability)"
    case .tooLong(let input, let output): "too small for \(input) input and \(output) output tokens"
    case .retired(let instant, let replacement):
      "retired at \(instant)" + (replacement.map { "; the provider names \($0) in its place" } ?? "")
    case .notLive(let service): "the service \(service) does not answer single requests"
    case .unreachable(let why): why
    case .inexpressible(let what): "its wire format has no place for \(what)"
    case .excluded(let why): why
    case .noPrice(let error): error.message
    case .unboundedOutput: "nothing limits its output; set max_completion_tokens, or a limit for all requests"
    case .noEstimate: "nothing is known of how it does on such requests"
    case .noLatency(let why): "how long it takes is not known: \(why)"
    }
  }
}

extension Offer {
  /// The most output tokens that an answer to `request` may take: the request's own limit, else the offer's, as far
  /// as the context leaves room; `nil` if nothing limits it.
  public func outputLimit(for request: Request) -> Int? {
    outputLimit(for: request, inputTokens: request.inputTokens)
  }

  /// The same where another input is expected than the request says.
  func outputLimit(for request: Request, inputTokens: Int) -> Int? {
    if let own = request.maxOutputTokens { return own }
    guard let most = limits.output else { return nil }
    return limits.context.map { min(most, max(1, $0 - inputTokens)) } ?? most
  }

  /// Why this offer cannot serve `request` at `instant`; `nil` if it can.
  public func rejection(of request: Request, at instant: UTCInstant) -> Rejection? {
    guard answersLiveRequests else { return .notLive(service: service) }
    return rejectionInJob(of: request, at: instant)
  }

  /// The same of a request that may wait for a job of a batch service.
  package func rejectionInJob(of request: Request, at instant: UTCInstant) -> Rejection? {
    if !isOnSale(at: instant), let retires { return .retired(at: retires, replacement: replacement) }
    if !request.capabilities.isEmpty, !request.capabilities.isSubset(of: capabilities) {
      let missing = request.capabilities.subtracting(capabilities).min()
      if let missing { return .lacks(missing) }
    }
    guard let output = outputLimit(for: request) else { return .unboundedOutput }
    guard limits.admit(input: request.inputTokens, output: output) else {
      return .tooLong(input: request.inputTokens, output: output)
    }
    do {
      try tariff.requireSheet(at: instant)
      return nil
    } catch {
      return .noPrice(error)
    }
  }
}
