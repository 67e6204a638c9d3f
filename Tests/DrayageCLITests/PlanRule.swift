import Foundation

/// One constraint as it is given to `drayage plan`, and how to see whether an assignment keeps it.
struct PlanRule {
  /// As the program names it.
  let name: String
  let isMost: Bool
  /// The limit as it is typed.
  var limit = ""
  /// The arguments that ask for a limit.
  let arguments: (String) -> [String]
  /// What an assignment makes of it, in the units of the limit.
  let activity: (PlanFacts) -> Double

  var asked: [String] { arguments(limit) }

  func isKept(_ facts: PlanFacts) -> Bool {
    guard let limit = Double(limit) else { return false }
    return isMost ? activity(facts) <= limit + 1e-9 : activity(facts) >= limit - 1e-9
  }

  /// The same constraint at another limit.
  func at(_ limit: String) -> PlanRule {
    var rule = self
    rule.limit = limit
    return rule
  }

  /// The same constraint at a limit that `value` just keeps, with the digits that the program prints.
  func at(_ value: Double) -> PlanRule {
    let digits = name == "budget" ? 6 : name.hasPrefix("quota") ? 0 : 4
    let unit = pow(10, Double(digits))
    let rounded = (value * unit + (isMost ? -1e-6 : 1e-6)).rounded(isMost ? .up : .down) / unit
    return at(String(format: "%.*f", digits, rounded))
  }
}

extension PlanTable {
  /// The deadline of the rules, in tenths of a second.
  static let deadline = 14

  /// One constraint of each kind, without limits.
  var rules: [PlanRule] {
    let n = Double(count)
    let (small, huge) = (Self.models[0], Self.models[2])
    return [
      PlanRule(
        name: "budget", isMost: true, arguments: { ["--budget", $0] }, activity: { Double($0.cost) / 1e6 }),
      PlanRule(
        name: "quality", isMost: false, arguments: { ["--quality", $0] },
        activity: { Double($0.score) / 20 / n }),
      PlanRule(
        name: "quality[math]", isMost: false,
        arguments: { ["--workload-column", "kind", "--quality", "math=\($0)"] },
        activity: { Double($0.scoreOf["math"] ?? 0) / 20 / Double($0.countOf["math"] ?? 1) }),
      PlanRule(
        name: "deadline", isMost: true, arguments: { ["--deadline", "1.4", "--miss", $0] },
        activity: { Double($0.missed(Self.deadline)) / n }),
      PlanRule(
        name: "quota[acme:requests]", isMost: true, arguments: { ["--quota", "acme:requests=\($0)"] },
        activity: { Double($0.requests[0] + $0.requests[1]) }),
      PlanRule(
        name: "quota[\(huge):tokens]", isMost: true, arguments: { ["--quota", "\(huge):tokens=\($0)"] },
        activity: { Double($0.tokens[2]) }),
      PlanRule(
        name: "max-share[\(huge)]", isMost: true, arguments: { ["--max-share", "\(huge)=\($0)"] },
        activity: { Double($0.requests[2]) / n }),
      PlanRule(
        name: "min-share[\(small)]", isMost: false, arguments: { ["--min-share", "\(small)=\($0)"] },
        activity: { Double($0.requests[0]) / n }),
    ]
  }

  /// What every assignment amounts to.
  var everyFacts: [PlanFacts] {
    var all: [PlanFacts] = []
    everyAssignment { all.append(PlanFacts(self, $0)) }
    return all
  }
}
