import Drayage
import DrayageCore
import DrayageExecution

/// What became of a request that was sent: the answer and its bill.
struct ExecutionReport {
  private let execution: Execution

  init(_ execution: Execution) {
    self.execution = execution
  }

  private struct Document: Encodable {
    struct Call: Encodable {
      let id: String
      let name: String
      let arguments: String
    }

    struct Line: Encodable {
      let meter: String
      let quantity: Int
      let rateUsd: String
      let amountUsd: String
    }

    struct Attempt: Encodable {
      let offer: String
      let end: String
      let failure: String?
      let message: String?
      let chargedUsd: String
      let seconds: Double
    }

    let offer: String
    let text: String
    let reasoning: String?
    let refusal: String?
    let toolCalls: [Call]
    let finish: String
    let bill: [Line]?
    let spentUsd: String
    let attempts: [Attempt]
    let firstTokenSeconds: Double?
    let seconds: Double
  }

  var json: String {
    get throws {
      let answer = execution.answer
      return try JSONReport.text(
        Document(
          offer: execution.offer.description, text: answer.text,
          reasoning: answer.reasoning.isEmpty ? nil : answer.reasoning, refusal: answer.refusal,
          toolCalls: answer.toolCalls.map { .init(id: $0.id, name: $0.name, arguments: $0.arguments) },
          finish: answer.finish.name,
          bill: execution.bill?.lines.map {
            .init(
              meter: $0.meter.key, quantity: $0.quantity, rateUsd: $0.meter.listed($0.rate),
              amountUsd: $0.amount.description)
          }, spentUsd: execution.spent.decimal,
          attempts: execution.attempts.map { attempt in
            let (end, failure, message): (String, String?, String?) =
              switch attempt.end {
              case .answered: ("answered", nil, nil)
              case .failed(let kind, let message): ("failed", kind.rawValue, message)
              case .notSent(let why): ("not sent", nil, why)
              }
            return .init(
              offer: attempt.offer.description, end: end, failure: failure, message: message,
              chargedUsd: attempt.charged.decimal, seconds: attempt.seconds)
          }, firstTokenSeconds: execution.firstToken, seconds: execution.seconds))
    }
  }

  var text: String {
    var lines: [String] = []
    if execution.attempts.count > 1 { lines += execution.attempts.map { "  \(Self.line($0))" } }
    lines.append("\(execution.offer), \(execution.answer.finish.name)")
    if let bill = execution.bill {
      lines += bill.description.split(separator: "\n").map { "  \($0)" }
    } else {
      lines.append("  the provider did not say what it metered; the reservation counts as spent")
    }
    let first = execution.firstToken.map { "first token after \(NumberText.fixed($0, 2)) s, " } ?? ""
    lines.append("\(first)all after \(NumberText.fixed(execution.seconds, 2)) s; charged \(execution.spent)")
    return lines.joined(separator: "\n")
  }

  /// One attempt.
  static func line(_ attempt: Execution.Attempt) -> String {
    switch attempt.end {
    case .answered: "\(attempt.offer): answered, \(attempt.charged)"
    case .failed(let kind, let message): "\(attempt.offer): \(kind.rawValue), \(attempt.charged): \(message)"
    case .notSent(let why): "\(attempt.offer): not sent: \(why)"
    }
  }
}
