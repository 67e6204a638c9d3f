import Drayage
import DrayageCore

/// A decision as an itemized bill.
struct DecisionReport {
  private let decision: Decision

  init(_ decision: Decision) {
    self.decision = decision
  }

  private struct Document: Encodable {
    struct Choice: Encodable {
      let offer: String
      let score: Double
      let tariff: Double
      let capacity: Double
      let deadline: Double
      let qualityWorth: Double
      let expectedCostUsd: String
      let ceilingUsd: String
      let quality: Double
      let missProbability: Double
      let inputTokens: Double
      let outputTokens: Double
    }

    struct Refusal: Encodable {
      let offer: String
      let reason: String
    }

    let offer: String
    let reservedUsd: String
    let unit: String
    let choices: [Choice]
    let fallbacks: [String]
    let rejected: [Refusal]
    let notices: [String]
  }

  private var estimates: [String: Estimate] {
    Dictionary(
      ([decision.choice] + decision.fallbacks).map { ($0.offer.id.description, $0.estimate) },
      uniquingKeysWith: { first, _ in first })
  }

  var json: String {
    get throws {
      let estimates = estimates
      return try JSONReport.text(
        Document(
          offer: decision.choice.offer.id.description, reservedUsd: decision.reserved.decimal,
          unit: decision.explanation.unit.rawValue,
          choices: decision.explanation.lines.compactMap { line in
            estimates[line.offer].map { e in
              Document.Choice(
                offer: line.offer, score: line.total, tariff: line.tariff, capacity: line.capacity,
                deadline: line.deadline, qualityWorth: line.quality, expectedCostUsd: e.cost.decimal,
                ceilingUsd: e.ceiling.decimal, quality: e.quality, missProbability: e.missProbability,
                inputTokens: e.inputTokens, outputTokens: e.outputTokens)
            }
          }, fallbacks: decision.fallbacks.map(\.offer.id.description),
          rejected: decision.explanation.refusals.map {
            .init(offer: $0.offer, reason: $0.rejection.description)
          }, notices: notices))
    }
  }

  /// What to know of the offer that was chosen.
  private var notices: [String] {
    [decision.choice.offer.retirementNotice(at: decision.instant)].compactMap(\.self)
  }

  /// The most offers and reasons that a text names.
  private static let mostLines = 12

  var text: String {
    let estimates = estimates
    let lines = decision.explanation.lines
    var table = TextTable(
      ["offer", "tariff", "capacity", "deadline", "quality", "total", "cost", "at most", "score expected"])
    for line in lines.prefix(Self.mostLines) {
      let estimate = estimates[line.offer]
      let isChosen = line.offer == decision.choice.offer.id.description
      table.add([
        (isChosen ? "> " : "  ") + line.offer,
        NumberText.significant(line.tariff), NumberText.significant(line.capacity),
        NumberText.significant(line.deadline), NumberText.significant(line.quality),
        NumberText.significant(line.total), estimate.map { "\($0.cost)" } ?? "",
        estimate.map { "\($0.ceiling)" } ?? "", estimate.map { NumberText.significant($0.quality) } ?? "",
      ])
    }
    var text = table.lines
    if lines.count > Self.mostLines { text.append("  and \(lines.count - Self.mostLines) more offers") }
    text.append(
      "in \(decision.explanation.unit.rawValue), the least total wins; \(decision.reserved) would be reserved"
    )
    text += notices
    text += RejectionLines.lines(decision.explanation.refusals.map { ($0.offer, $0.rejection.description) })
    return text.joined(separator: "\n")
  }
}

/// Reasons, each with the first offers that it keeps away.
enum RejectionLines {
  static func lines(_ refusals: [(offer: String, reason: String)]) -> [String] {
    var offers: [String: [String]] = [:]
    var order: [String] = []
    for (offer, reason) in refusals {
      if offers[reason] == nil { order.append(reason) }
      offers[reason, default: []].append(offer)
    }
    return order.map { reason in
      let names = offers[reason, default: []]
      let more = names.count > 3 ? " and \(names.count - 3) more" : ""
      return "  \(names.prefix(3).joined(separator: ", "))\(more): \(reason)"
    }
  }
}
