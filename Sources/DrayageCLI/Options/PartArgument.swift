import ArgumentParser
import Drayage
import DrayageCore

/// A budget: `40`, `workload:support=5` or `provider:openai=10`.
struct BudgetArgument: ExpressibleByArgument {
  /// `nil` for all.
  let scope: PlanSpecification.Scope?
  let limit: Money

  init?(argument: String) {
    guard let equals = argument.lastIndex(of: "=") else {
      guard let limit = try? Money(decimal: argument), limit >= .zero else { return nil }
      self.init(nil, limit)
      return
    }
    guard let limit = try? Money(decimal: String(argument[argument.index(after: equals)...])), limit >= .zero,
      let colon = argument[..<equals].firstIndex(of: ":")
    else { return nil }
    let name = String(argument[argument.index(after: colon)..<equals])
    guard (1...100).contains(name.utf8.count) else { return nil }
    switch argument[..<colon] {
    case "workload": self.init(.workload(name), limit)
    case "provider": self.init(.provider(name), limit)
    default: return nil
    }
  }

  private init(_ scope: PlanSpecification.Scope?, _ limit: Money) {
    self.scope = scope
    self.limit = limit
  }
}

/// A least mean quality: `0.8` of all, or `support=0.8` of a workload.
struct QualityArgument: ExpressibleByArgument {
  /// `nil` for all.
  let workload: String?
  let floor: Double

  init?(argument: String) {
    let equals = argument.lastIndex(of: "=")
    let number = equals.map { String(argument[argument.index(after: $0)...]) } ?? argument
    guard let floor = Double(number), floor.isFinite, floor >= 0 else { return nil }
    workload = equals.map { String(argument[..<$0]) }
    self.floor = floor
  }
}
