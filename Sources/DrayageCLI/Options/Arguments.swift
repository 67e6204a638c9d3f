public import ArgumentParser
public import Drayage
public import DrayageCore

extension Money: ExpressibleByArgument {
  /// Decimal dollars, with or without the mark.
  public init?(argument: String) {
    guard let money = try? Money(decimal: argument.hasPrefix("$") ? argument.dropFirst() : argument[...])
    else {
      return nil
    }
    self = money
  }
}

extension PlanSpecification.Objective: ExpressibleByArgument {}

extension ImportFormat: ExpressibleByArgument {}

/// `0.8`, or `WORKLOAD=0.8`.
struct QualityFloor: ExpressibleByArgument {
  let workload: String?
  let floor: Double

  init?(argument: String) {
    let (name, text) = argument.splitAtLast("=")
    guard let floor = Double(text), floor.isFinite, floor >= 0, name != "" else { return nil }
    self.workload = name
    self.floor = floor
  }
}

/// `OFFER=0.25`.
struct OfferFraction: ExpressibleByArgument {
  let offer: String
  let fraction: Double

  init?(argument: String) {
    let (name, text) = argument.splitAtLast("=")
    guard let name, !name.isEmpty, let fraction = Double(text), (0...1).contains(fraction) else { return nil }
    offer = name
    self.fraction = fraction
  }
}

/// `PROVIDER:requests=1000` or `PROVIDER:tokens=2000000`.
struct QuotaArgument: ExpressibleByArgument {
  let quota: PlanSpecification.Quota

  init?(argument: String) {
    let (key, text) = argument.splitAtLast("=")
    guard let key, let limit = Double(text), limit.isFinite, limit >= 0 else { return nil }
    let (holder, measure) = key.splitAtLast(":")
    guard let holder, !holder.isEmpty, let measure = PlanSpecification.Measure(rawValue: measure) else {
      return nil
    }
    quota = PlanSpecification.Quota(holder, measure, limit)
  }
}

extension String {
  /// What stands before and after the last `mark`; all of it after if there is none.
  fileprivate func splitAtLast(_ mark: Character) -> (before: String?, after: String) {
    guard let at = lastIndex(of: mark) else { return (nil, self) }
    return (String(self[..<at]), String(self[index(after: at)...]))
  }
}
