import Drayage
import Foundation

@testable import DrayageExecution

/// A transport that is played by the test: each request waits at its model until the test takes it up and says
/// what comes of it. Nothing happens by itself, so no test needs a clock.
final class StagedTransport: Transport {
  struct Over: Error {}

  private let stages: [String: Stage]
  private let log = Locked<[SentAttempt]>([])

  /// What was sent so far, in order.
  var sent: [SentAttempt] { log.withLock { $0 } }

  init(models: [String]) {
    stages = Dictionary(uniqueKeysWithValues: models.map { ($0, Stage()) })
  }

  /// The next request to `model`; waits for it.
  func next(at model: String) async throws -> StagedExchange {
    guard let stage = stages[model] else { throw Over() }
    for await exchange in stage.exchanges { return exchange }
    throw Over()
  }

  func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply {
    let stream = try await open(request)
    var body: [UInt8] = []
    while let piece = try await stream.next() { body += piece }
    return HTTPReply(
      status: stream.status, fields: stream.fields, body: body,
      timing: .init(connect: .zero, firstByte: .zero, total: .zero))
  }

  func open(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPStream {
    let exchange = StagedExchange(request)
    log.withLock { $0.append(exchange.sent) }
    stages[exchange.sent.model]?.sink.yield(exchange)
    return try await exchange.stream()
  }

  private struct Stage: Sendable {
    let exchanges: AsyncStream<StagedExchange>
    let sink: AsyncStream<StagedExchange>.Continuation

    init() { (exchanges, sink) = AsyncStream.makeStream() }
  }
}

/// One request that waits for the test to answer it.
final class StagedExchange: Sendable {
  /// What comes before the body.
  private struct Head: Sendable {
    let status: Int
    let fields: HTTPFields
  }

  private struct State {
    var head: Result<Head, TransportFailure>?
    var waiter: CheckedContinuation<Void, Never>?
  }

  let request: HTTPRequest
  let sent: SentAttempt
  /// Fires when the client breaks the exchange off.
  let left = Signal()
  private let state = Locked(State())
  private let buffer = StreamBuffer()

  init(_ request: HTTPRequest) {
    self.request = request
    sent = SentAttempt(request)
  }

  /// The request's body.
  var body: JSONNode? { try? JSONNode.parse(request.body, file: "body") }

  // MARK: What the provider does

  /// No reply at all.
  func fail(_ kind: TransportFailure.Kind, mayHaveBeenProcessed: Bool) {
    settle(
      .failure(TransportFailure(kind: kind, message: "failed", mayHaveBeenProcessed: mayHaveBeenProcessed)))
  }

  /// A whole reply.
  func reply(_ status: Int, _ text: String = #"{"error": {"message": "no"}}"#, fields: HTTPFields = [:]) {
    write(text)
    end()
    var fields = fields
    fields.append("application/json", for: "content-type")
    settle(.success(Head(status: status, fields: fields)))
  }

  /// A whole answer with this usage, as JSON; nil for none.
  func answer(_ text: String = "far", usage: String? = StagedExchange.usage) {
    let usage = usage.map { #", "usage": \#($0)"# } ?? ""
    reply(
      200, #"{"choices": [{"index": 0, "message": {"role": "assistant", "content": "\#(text)"}}]\#(usage)}"#)
  }

  /// The head of a streamed answer.
  func begin() { settle(.success(Head(status: 200, fields: ["content-type": "text/event-stream"]))) }

  /// A piece of a streamed answer; the first one names the answer by `id`.
  func say(_ text: String, id: String = "", usage: String? = nil) {
    let usage = usage.map { #", "usage": \#($0)"# } ?? ""
    chunk(#"{"id": "\#(id)", "choices": [{"index": 0, "delta": {"content": "\#(text)"}}]\#(usage)}"#)
  }

  /// The end of a streamed answer.
  func finish(usage: String? = StagedExchange.usage) {
    chunk(#"{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}"#)
    if let usage { chunk(#"{"choices": [], "usage": \#(usage)}"#) }
    chunk("[DONE]")
    end()
  }

  /// A chunk of a streamed answer as it is.
  func chunk(_ data: String) { write("data: \(data)\n\n") }

  /// A streamed answer breaks off.
  func cut() {
    buffer.finish(
      .failed(TransportFailure(kind: .reset, message: "cut", mayHaveBeenProcessed: true)))
  }

  /// Ten tokens in, five out.
  static let usage = #"{"prompt_tokens": 10, "completion_tokens": 5}"#

  private func write(_ text: String) {
    if Array(text.utf8).withUnsafeBytes({ buffer.append($0) }) == .awaited { buffer.wake() }
  }

  private func end() { buffer.finish(.complete(.init(connect: .zero, firstByte: .zero, total: .zero))) }

  // MARK: What the client does

  /// Waits for the head of the reply.
  func stream() async throws(TransportFailure) -> HTTPStream {
    let head = await withTaskCancellationHandler {
      await reply()
    } onCancel: {
      abandon()
    }
    let known = try head.get()
    return HTTPStream(
      status: known.status, fields: known.fields, buffer: buffer, resume: {}, stop: { self.abandon() })
  }

  private func reply() async -> Result<Head, TransportFailure> {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        if state.head == nil { state.waiter = continuation }
        return state.head != nil
      }
      if isReady { continuation.resume() }
    }
    let head = state.withLock { state in state.head }
    return head ?? .failure(Self.gone)
  }

  private func abandon() {
    settle(.failure(Self.gone))
    buffer.finish(.failed(Self.gone))
    left.fire()
  }

  /// The first head counts.
  private func settle(_ head: Result<Head, TransportFailure>) {
    let waiter = state.withLock { state in
      state.head = state.head ?? head
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  private static let gone = TransportFailure(
    kind: .cancelled, message: "cancelled", mayHaveBeenProcessed: true)
}
