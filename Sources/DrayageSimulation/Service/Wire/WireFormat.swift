import Drayage

/// How one family of providers answers: its requests, answers, streams and refusals as they look from the
/// provider's side.
protocol WireFormat: Sendable {
  /// - Throws: ``APIError`` of status 400 if the body is none of this format.
  func request(_ body: RequestReader, at place: WirePlace) throws(APIError) -> SimulatedRequest

  /// The whole answer.
  func whole(_ answer: WireAnswer) -> JSONValue

  /// The content type of a stream.
  func streamType(_ request: SimulatedRequest) -> String
  /// What a stream begins with, before there is any output.
  func opening(_ answer: WireAnswer) -> [UInt8]
  /// The event of piece `number`, counted from 0.
  func piece(_ text: String, number: Int, of answer: WireAnswer) -> [UInt8]
  /// What a stream of `pieces` pieces ends with.
  func closing(pieces: Int, of answer: WireAnswer) -> [UInt8]
  /// The event that tells of a failure after `pieces` pieces.
  func failure(_ error: APIError, pieces: Int, of answer: WireAnswer) -> [UInt8]

  /// How a refusal reaches the client.
  func refusal(_ error: APIError, serial: UInt64) -> WireRefusal
  /// The headers by which the provider says when to try again.
  var retryHeaders: [String] { get }
  /// What the provider says about its rate limits in the headers of every reply.
  func limitHeaders(_ limits: LimitReport) -> [(name: String, value: String)]
  /// The headers that every reply has.
  func headers(serial: UInt64, latency: Double) -> [(name: String, value: String)]
}

/// What a request's path says about it.
struct WirePlace: Sendable {
  /// The model, if the path names it.
  var model: String?
  /// Whether the path asks for a stream.
  var streams = false
  /// Whether the query string asks for server-sent events.
  var asksForEvents = false

  /// The model that the path names, else the body.
  func model(in body: RequestReader) throws(APIError) -> String {
    if let model { return model }
    return try body.required("model").string()
  }
}

/// A refusal in a provider's own form.
struct WireRefusal {
  var status: Int
  var headers: [(name: String, value: String)] = []
  var body: JSONValue
}

extension WireFormat {
  func streamType(_ request: SimulatedRequest) -> String { "text/event-stream; charset=utf-8" }

  func limitHeaders(_ limits: LimitReport) -> [(name: String, value: String)] { [] }

  var retryHeaders: [String] { ["retry-after"] }
}

/// Server-sent events as providers write them.
enum SSE {
  static func data(_ value: JSONValue) -> [UInt8] {
    Array("data: ".utf8) + value.bytes + Array("\n\n".utf8)
  }

  static func event(_ name: String, _ value: JSONValue) -> [UInt8] {
    Array("event: \(name)\n".utf8) + data(value)
  }
}
