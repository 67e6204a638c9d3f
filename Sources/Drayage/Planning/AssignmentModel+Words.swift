import Foundation
import MultipleChoice

extension AssignmentModel {
  /// What a shadow price means, in plain words; `nil` for a price of zero.
  func inWords(_ price: Double, row k: Int) -> String? {
    guard abs(price) > 1e-12 else { return nil }
    let (step, change) = step(ofRow: k)
    let amount = abs(price) * step
    let tightens = rows[k].kind == .quality
    switch specification.objective {
    case .cost:
      return "\(change) \(tightens ? "costs" : "saves") \(NumberText.dollars(amount))"
    case .quality:
      let what = hasBinaryQuality ? "correct answers" : "points of quality in all"
      let count = NumberText.significant(amount)
      return tightens ? "\(change) gives up \(count) \(what)" : "\(change) buys \(count) more \(what)"
    }
  }

  /// A step of a row's limit that people would take, and what it is called.
  private func step(ofRow k: Int) -> (Double, String) {
    let row = rows[k]
    switch row.kind {
    case .budget:
      // About a tenth of the budget, as a 1 and zeros.
      let limit = problem.constraints[k].limit / row.unit
      let step = limit > 0 ? pow(10, min(0, log10(limit / 5).rounded(.down))) : 0.01
      return (step, step == 1 ? "one more dollar" : "\(NumberText.dollars(step)) more budget")
    case .quality: return (0.01, "raising \(row.name) by 0.01")
    case .deadline: return (0.01, "letting another 1 % miss the deadline")
    case .quota(.requests): return (1, "one more request in \(row.name)")
    case .quota(.tokens): return (1_000, "1,000 more tokens in \(row.name)")
    case .quota(.input): return (1_000, "1,000 more input tokens in \(row.name)")
    case .quota(.output): return (1_000, "1,000 more output tokens in \(row.name)")
    case .share:
      let isMost = problem.constraints[k].relation == .atMost
      return (0.01, "\(isMost ? "raising" : "lowering") \(row.name) by 0.01")
    }
  }

  /// Whether every quality is 0 or 1: an answer is right or wrong.
  private var hasBinaryQuality: Bool {
    zip(table.quality, table.eligible).allSatisfy { !$1 || $0 == 0 || $0 == 1 }
  }
}
