import Drayage
import DrayageCore
import Foundation

@testable import DrayageExecution

/// What one attempt looked like on its way out.
struct SentAttempt: Hashable, Sendable {
  let query: String
  let model: String
  let key: String?

  init(_ request: HTTPRequest) {
    let body = try? JSONNode.parse(request.body, file: "body")
    query = body?["metadata"]?["query_id"]?.string ?? ""
    model = body?["model"]?.string ?? ""
    key = request.fields["idempotency-key"]
  }
}

/// Passes every request on and remembers it.
final class WatchedTransport: Transport {
  private let base: any Transport
  private let log = Locked<[SentAttempt]>([])
  /// Called with the ordinal of a request, from 1, before it is sent.
  private let beforeSending: @Sendable (Int) async -> Void

  var sent: [SentAttempt] { log.withLock { $0 } }

  init(_ base: any Transport, beforeSending: @escaping @Sendable (Int) async -> Void = { _ in }) {
    self.base = base
    self.beforeSending = beforeSending
  }

  func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply {
    let ordinal = log.withLock { log in
      log.append(SentAttempt(request))
      return log.count
    }
    await beforeSending(ordinal)
    return try await base.send(request)
  }
}

/// Crashes the process as its provider and its ledger see it: from one request on nothing gets out, no answer
/// gets in, and what is written later is not in ``ledgerAtCrash``.
final class CrashingTransport: Transport {
  private let base: any Transport
  private let lastRequest: Int
  private let ledger: String
  private let state = Locked<(sent: Int, ledger: LedgerCopy?)>((0, nil))

  /// - Parameter lastRequest: the ordinal of the last request that gets out, from 1.
  init(_ base: any Transport, lastRequest: Int, ledger: String) {
    self.base = base
    self.lastRequest = lastRequest
    self.ledger = ledger
  }

  /// The ledger as the crash left it; nil if the run came to its end before.
  var ledgerAtCrash: LedgerCopy? { state.withLock { $0.ledger } }

  func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply {
    let ordinal = state.withLock { state in
      state.sent += 1
      // Under the lock: the process must not see that it is dead, and write it down, before the ledger is copied.
      if state.sent == lastRequest { state.ledger = try? LedgerCopy(of: ledger) }
      return state.sent
    }
    guard ordinal <= lastRequest else { throw Self.dead }
    let reply = try await base.send(request)
    guard ledgerAtCrash == nil else { throw Self.dead }
    return reply
  }

  private static let dead = TransportFailure(
    kind: .cancelled, message: "the process is dead", mayHaveBeenProcessed: true)
}

/// Answers by a script: one step per request, the last one again and again.
final class ScriptedTransport: Transport {
  typealias Step = @Sendable (HTTPRequest) throws(TransportFailure) -> HTTPReply

  private let steps: [Step]
  private let log = Locked<[SentAttempt]>([])

  var sent: [SentAttempt] { log.withLock { $0 } }

  init(_ steps: [Step]) {
    self.steps = steps
  }

  func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply {
    let ordinal = log.withLock { log in
      log.append(SentAttempt(request))
      return log.count
    }
    return try steps[min(ordinal, steps.count) - 1](request)
  }

  /// A reply with `body`, sent at once.
  static func reply(_ status: Int, _ body: String, fields: HTTPFields = [:]) -> HTTPReply {
    HTTPReply(
      status: status, fields: fields, body: Array(body.utf8),
      timing: .init(connect: .zero, firstByte: .zero, total: .zero))
  }

  /// An answer that used so many tokens.
  static func answer(input: Int, output: Int) -> Step {
    body(
      """
      {"choices": [{"index": 0, "message": {"role": "assistant", "content": "yes"}}],
       "usage": {"prompt_tokens": \(input), "completion_tokens": \(output)}}
      """)
  }

  /// Status 200 with this body.
  static func body(_ text: String, fields: HTTPFields = ["x-request-id": "r"]) -> Step {
    { (_) throws(TransportFailure) in reply(200, text, fields: fields) }
  }

  static func status(_ status: Int, fields: HTTPFields = [:]) -> Step {
    { (_) throws(TransportFailure) in
      reply(status, #"{"error": {"message": "no", "code": null}}"#, fields: fields)
    }
  }

  static func failure(_ kind: TransportFailure.Kind, mayHaveBeenProcessed: Bool) -> Step {
    { (_) throws(TransportFailure) in
      throw TransportFailure(kind: kind, message: "failed", mayHaveBeenProcessed: mayHaveBeenProcessed)
    }
  }
}
