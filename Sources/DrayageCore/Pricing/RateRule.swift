/// A change of the base rates under a condition: a long context, a service tier, a region, an hour, a plan.
///
/// The group of a rule follows from its condition. Of one group at most one rule applies to a request: the
/// first that matches, in the order of the sheet. Rules of different groups compound.
public struct RateRule: Hashable, Sendable {
  /// When a rule applies.
  public enum Condition: Hashable, Sendable {
    /// The request has more input tokens than this, cached ones included. The rule holds for the whole
    /// request.
    case inputOver(Int)
    /// The offer's service tier is this one, such as `batch`.
    case service(String)
    /// The request is processed in one of these regions.
    case region([String])
    /// The request is made within these times.
    case time(TimeWindows)
    /// The request is made on a holiday of this calendar. No holiday table is kept, so such a rule never
    /// applies; the bill over-estimates on those days, for such a rule may only lower prices.
    case holiday(String)
    /// The account is on this plan.
    case plan(String)
  }

  /// What a rule does to the rates.
  public enum Adjustment: Hashable, Sendable {
    /// Multiplies them. A meter not named takes `otherTokens` if it counts tokens; fees change only when
    /// named.
    case multiply([Meter: Multiplier], otherTokens: Multiplier?)
    /// Puts absolute rates in place of the base rates; multipliers of other groups still apply to them.
    case set([Meter: Rate])
  }

  /// The kinds of condition; a request is charged under at most one rule of each.
  public enum Group: String, Hashable, CaseIterable, Sendable {
    case context, service, region, time, plan
  }

  /// When the rule applies.
  public let condition: Condition
  /// What it does.
  public let adjustment: Adjustment

  /// A rule that does `adjustment` under `condition`.
  public init(when condition: Condition, _ adjustment: Adjustment) {
    self.condition = condition
    self.adjustment = adjustment
  }

  /// The group that the condition belongs to.
  public var group: Group {
    switch condition {
    case .inputOver: .context
    case .service: .service
    case .region: .region
    case .time, .holiday: .time
    case .plan: .plan
    }
  }

  /// Whether the rule's condition holds for a request of `totalInput` tokens made at `instant` under
  /// `conditions`.
  func matches(totalInput: Int, at instant: UTCInstant, under conditions: PriceConditions) -> Bool {
    switch condition {
    case .inputOver(let threshold): totalInput > threshold
    case .service(let service): conditions.service == service
    case .region(let regions): conditions.region.map(regions.contains) ?? false
    case .time(let windows): windows.contains(instant)
    case .holiday: false
    case .plan(let plan): conditions.plan == plan
    }
  }

  /// The factor on the rate of `meter`; nil if the rule leaves it alone.
  func multiplier(for meter: Meter) -> Multiplier? {
    guard case .multiply(let named, let otherTokens) = adjustment else { return nil }
    return named[meter] ?? (meter.isToken ? otherTokens : nil)
  }

  /// The rate that the rule puts in place for `meter`; nil if it leaves it alone.
  func rate(for meter: Meter) -> Rate? {
    guard case .set(let rates) = adjustment else { return nil }
    return rates[meter]
  }

  /// Whether `self`, listed first in the same group, matches whenever `later` does, so that `later` never
  /// applies.
  package func hides(_ later: RateRule) -> Bool {
    switch (condition, later.condition) {
    case (.inputOver(let a), .inputOver(let b)): a <= b
    case (.region(let a), .region(let b)): b.allSatisfy(a.contains)
    case (.time(let a), .time(let b)): a.contains(b)
    case (let a, let b): a == b
    }
  }
}

extension RateRule: CustomStringConvertible {
  /// The condition in a few words, such as `input over 272000`.
  public var description: String {
    switch condition {
    case .inputOver(let threshold): "input over \(threshold)"
    case .service(let service): "service \(service)"
    case .region(let regions): "region \(regions.joined(separator: " or "))"
    case .time(let windows): "time \(windows)"
    case .holiday(let calendar): "holiday \(calendar)"
    case .plan(let plan): "plan \(plan)"
    }
  }
}
