public import DrayageCore

/// One budget and what has become of it in one window.
public struct BudgetAccount: Hashable, Sendable {
  /// The budget, with its limit.
  public let budget: Budget
  /// The window: `total`, a day such as `2026-11-22` or a month such as `2026-11`, in the budget's time zone.
  public let window: String
  /// What attempts reserved in the window have cost.
  public let spent: Money
  /// What is reserved for attempts under way.
  public let held: Money

  /// What has become of `budget` in `window`.
  public init(budget: Budget, window: String, spent: Money, held: Money) {
    self.budget = budget
    self.window = window
    self.spent = spent
    self.held = held
  }

  /// What can still be reserved: never below zero.
  public var available: Money {
    spent < budget.limit ? max(.zero, budget.limit - spent - held) : .zero
  }
}

/// What declaring a budget changed.
public enum BudgetChange: Hashable, Sendable {
  /// The budget of this name is new.
  case added(String)
  /// The budget of this name had another limit.
  case limit(of: String, from: Money, to: Money)
}
