import Drayage
import Foundation

/// A request, the format it came in and the model it is for.
struct Exchange {
  let request: SimulatedRequest
  let format: any WireFormat
  let model: Int
}

/// What the service says, word for word.
extension SimulatedService {
  func reply(
    with answer: Answer, to exchange: Exchange, at now: Double, fault: FaultKind? = nil
  ) -> Reply {
    let format = exchange.format
    let wire = WireAnswer(
      request: exchange.request, serial: answer.serial, created: answer.created, usage: answer.usage,
      text: text(of: answer, exchange.request), isCut: answer.isCut, latency: answer.latency)
    let slowness = fault == .slowHeaders ? options.slowHeaders : 0
    var reply: Reply
    if exchange.request.streams {
      reply = stream(wire, answer, in: format, fault: fault, after: slowness, at: now)
    } else {
      reply = Reply(format.whole(wire))
      reply.delay = max(0, answer.ready - now) + slowness
    }
    reply.headers = format.headers(serial: answer.serial, latency: answer.latency)
    if let query = answer.query, let score = table.score(query: query, model: answer.model) {
      reply.headers.append(("x-drayage-score", answer.isCut ? "0" : String(score)))
    }
    reply.headers += limitHeaders(exchange, at: now)
    switch fault {
    case .hang: reply.delivery = .never
    case .reset: reply.delivery = .reset
    default: if reply.stream == nil { spoil(&reply, fault, exchange, answer) }
    }
    return reply
  }

  /// The nearest that a whole reply has to a fault.
  private func spoil(_ reply: inout Reply, _ fault: FaultKind?, _ exchange: Exchange, _ answer: Answer) {
    switch fault {
    case .truncated, .cut: reply.delivery = .truncated
    case .cutReset: reply.delivery = .truncatedByReset
    case .cutEarly: reply.delivery = .headOnly
    case .stall: reply.delivery = .stalled
    case .stallEarly: reply.delivery = .stalledAtHead
    case .malformed: reply.body = reply.body.prefix(reply.body.count * 2 / 3)
    case .errorEvent:
      reply.body = Data(exchange.format.refusal(FaultKind.failure, serial: answer.serial).body.bytes)
    default: break
    }
  }

  private func stream(
    _ wire: WireAnswer, _ answer: Answer, in format: any WireFormat, fault: FaultKind?,
    after slowness: Double,
    at now: Double
  ) -> Reply {
    let whole = answer.ready - answer.asked
    let first = whole * options.latency.firstTokenShare(of: answer.usage.output)
    let perToken = answer.usage.output > 1 ? (whole - first) / Double(answer.usage.output - 1) : 0
    let stream = AnswerStream(
      wire, in: format, fault: fault, firstToken: answer.asked + first + slowness, perToken: perToken,
      pieceTokens: options.pieceTokens)
    var reply = Reply([:])
    reply.body = Data()
    reply.contentType = stream.contentType
    reply.headers.append(("cache-control", "no-cache"))
    reply.stream = stream
    // The head comes before the first token, when the provider has begun.
    reply.delay = max(0, answer.asked + first / 2 - now) + slowness
    return reply
  }

  func text(of answer: Answer, _ request: SimulatedRequest) -> AnswerText {
    let tokens = answer.usage.output
    switch request.output {
    case .json(let schema), .toolCall(_, let schema):
      let value = schema.map { SchemaInstance.of($0) } ?? [:]
      return AnswerText(fixed: value.text, tokens: tokens, isCut: answer.isCut)
    case .text, .embeddings:
      let to = answer.query.map { " to query \(table.queryIDs[$0])" } ?? ""
      return AnswerText(
        sentence: "A simulated answer by \(table.models[answer.model])\(to).", tokens: tokens,
        seed: UInt64(truncatingIfNeeded: answer.query ?? -1))
    }
  }

  /// The reply to a fault that is a refusal or a page; nil if it comes with an answer.
  func refusal(_ fault: FaultKind, _ exchange: Exchange, at now: Double) -> Reply? {
    if fault == .wrongType {
      var reply = Reply([:])
      reply.contentType = "text/html; charset=utf-8"
      reply.body = Data(
        "<!DOCTYPE html><html><head><title>Sign in</title></head><body>A simulated page.</body></html>\n".utf8
      )
      return reply
    }
    // A stream that fails at once fails in the stream.
    if fault == .errorEarly, exchange.request.streams { return nil }
    guard let error = fault.refusal(model: table.models[exchange.model]) else { return nil }
    let wait = fault == .tooManyRequests ? options.retryAfter / options.speed : nil
    return reply(error, retryAfter: wait, exchange, at: now)
  }

  func limited(by refusal: ModelLimits.Refusal, _ exchange: Exchange, at now: Double) -> Reply {
    let model = table.models[exchange.model]
    switch refusal {
    case .requests(let wait):
      return reply(
        APIError(429, type: "requests", code: "rate_limit_exceeded", "Rate limit reached for `\(model)`."),
        retryAfter: wait / options.speed, exchange, at: now)
    case .tokens(let wait):
      return reply(
        APIError(
          429, type: "tokens", code: "rate_limit_exceeded",
          "Rate limit reached for `\(model)` on tokens per min (TPM)."),
        retryAfter: wait / options.speed, exchange, at: now)
    case .concurrency:
      return reply(
        APIError(
          429, type: "requests", code: "rate_limit_exceeded",
          "Too many requests to `\(model)` are in progress."),
        retryAfter: nil, exchange, at: now)
    }
  }

  private func reply(
    _ error: APIError, retryAfter wait: Double?, _ exchange: Exchange, at now: Double
  ) -> Reply {
    var error = error
    error.retryAfter = wait
    var reply = Reply(exchange.format.refusal(error, serial: serial))
    if let wait {
      let wait = Milliseconds.of(wait)
      for name in exchange.format.retryHeaders {
        switch (name, options.retryAfterForm) {
        case ("retry-after", .date):
          reply.headers.append((name, CalendarText.http(Double(startedAt) + now + Double(wait) / 1000)))
        case ("retry-after", .seconds): reply.headers.append((name, String((wait + 999) / 1000)))
        default: if options.retryAfterForm == .seconds { reply.headers.append((name, String(wait))) }
        }
      }
    }
    reply.headers += limitHeaders(exchange, at: now)
    return reply
  }

  private func limitHeaders(_ exchange: Exchange, at now: Double) -> [(name: String, value: String)] {
    let report = limits[exchange.model].report(speed: options.speed, time: Double(startedAt) + now)
    return exchange.format.limitHeaders(report)
  }
}
