import Drayage
import Foundation

/// What the service says, word for word.
extension SimulatedService {
  func reply(with answer: Answer, at now: Double, fault: FaultKind? = nil) -> Reply {
    let model = table.models[answer.model]
    let completion = ChatCompletion(
      id: "chatcmpl-sim\(answer.serial)", created: answer.created, model: model,
      choices: [
        ChatCompletion.Choice(
          message: .init(content: "A simulated answer by \(model) to query \(table.queryIDs[answer.query])."),
          finishReason: answer.isCut ? "length" : "stop")
      ],
      usage: ChatCompletion.Usage(
        promptTokens: answer.inputTokens, completionTokens: answer.outputTokens,
        totalTokens: answer.inputTokens + answer.outputTokens))
    var reply = Reply(json: completion)
    reply.delay = max(0, answer.ready - now)
    reply.headers = [
      ("x-request-id", "req-sim\(answer.serial)"),
      ("openai-processing-ms", String(milliseconds(answer.latency))),
    ]
    if let score = table.score(query: answer.query, model: answer.model) {
      reply.headers.append(("x-drayage-score", answer.isCut ? "0" : String(score)))
    }
    reply.headers += limitHeaders(answer.model)
    switch fault {
    case .hang: reply.delivery = .never
    case .reset: reply.delivery = .reset
    case .truncated: reply.delivery = .truncated
    case .malformed: reply.body = reply.body.prefix(reply.body.count * 2 / 3)
    case .tooManyRequests, .serverError, .unavailable, nil: break
    }
    return reply
  }

  func refusal(_ fault: FaultKind, _ cell: Cell) -> Reply {
    switch fault {
    case .tooManyRequests:
      return tooManyRequests(cell, wait: options.retryAfter)
    case .unavailable:
      return Reply(
        APIError(
          503, type: "server_error", code: nil,
          "The engine is currently overloaded, please try again later."))
    case .serverError, .hang, .reset, .truncated, .malformed:
      return Reply(
        APIError(
          500, type: "server_error", code: nil,
          "The server had an error while processing your request. Sorry about that!"))
    }
  }

  func tooManyRequests(_ cell: Cell, wait: Double) -> Reply {
    var reply = Reply(
      APIError(
        429, type: "requests", code: "rate_limit_exceeded",
        "Rate limit reached for `\(table.models[cell.model])`."))
    let wait = milliseconds(wait / options.speed)
    reply.headers = [("retry-after", String((wait + 999) / 1000)), ("retry-after-ms", String(wait))]
    reply.headers += limitHeaders(cell.model)
    return reply
  }

  private func limitHeaders(_ model: Int) -> [(name: String, value: String)] {
    guard let bucket = buckets[model] else { return [] }
    return [
      ("x-ratelimit-limit-requests", String(bucket.requestsPerMinute)),
      ("x-ratelimit-remaining-requests", String(bucket.remaining)),
      ("x-ratelimit-reset-requests", "\(milliseconds(bucket.secondsToFull / options.speed))ms"),
    ]
  }

  /// Whole milliseconds, rounded up; what is longer than thirty years is as good as thirty years.
  private func milliseconds(_ seconds: Double) -> Int {
    Int((min(seconds, 1e9) * 1000).rounded(.up))
  }
}
