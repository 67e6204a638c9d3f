/// One answer as wire formats put it into words.
struct WireAnswer: Sendable {
  let request: SimulatedRequest
  /// Numbers the request.
  let serial: UInt64
  /// When it was asked for, in Unix seconds.
  let created: Int
  let usage: AnswerUsage
  let text: AnswerText
  /// Whether a bound on output tokens cut it short.
  let isCut: Bool
  /// The simulated seconds it took.
  let latency: Double

  var model: String { request.model }

  /// The name of the tool that the answer calls.
  var toolName: String? {
    if case .toolCall(let name, _) = request.output { return name }
    return nil
  }

  /// The identifier of the call of the tool.
  var callID: String { "call_sim\(serial)" }
}

/// The tokens that an answer states and is billed for.
struct AnswerUsage: Hashable, Sendable {
  /// All input tokens.
  var input: Int
  /// Those of the input that were read from a cache.
  var cached: Int
  var output: Int

  var fresh: Int { input - cached }
  var total: Int { input + output }
}
