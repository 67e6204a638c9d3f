import Drayage
import DrayageCore
import DrayageLedger

/// A budget of a part of a batch; or one of its ledger besides, that covers it among others.
struct BatchPart {
  /// With the most that the batch may spend of it, over all its runs.
  var budget: PlanSpecification.ScopedBudget
  /// What the batch has spent of that.
  var spent: Money
  /// Whether others spend of it, too.
  let isShared: Bool
}

extension BatchStore {
  /// The budgets besides that of the whole batch: its own, then those of the ledger that cover its attempts.
  func parts(_ setup: BatchSetup) async throws -> [BatchPart] {
    parts(setup, try await ledger.accounts(at: .now))
  }

  func parts(_ setup: BatchSetup, _ accounts: [BudgetAccount]) -> [BatchPart] {
    let known = Dictionary(accounts.map { ($0.budget.name, $0) }, uniquingKeysWith: { first, _ in first })
    let own = setup.options.budgets.map {
      BatchPart(budget: $0, spent: known[budgetName(of: $0.scope)]?.spent ?? .zero, isShared: false)
    }
    let whole = known[budgetName]
    let spent = whole?.spent ?? .zero
    let shared = accounts.compactMap { account -> BatchPart? in
      guard !Self.isOwnedByBatch(account.budget.name), let scope = Self.scope(account.budget.scope, in: setup)
      else { return nil }
      // What the batch itself has spent and holds is not lost to it.
      let room = [account.available, spent, whole?.held ?? .zero].reduce(Int64(0)) { sum, amount in
        let (sum, overflow) = sum.addingReportingOverflow(amount.nanodollars)
        return overflow ? .max : sum
      }
      return BatchPart(
        budget: .init(scope, Money(nanodollars: room), name: account.budget.name), spent: spent,
        isShared: true)
    }
    return own + shared
  }

  /// What a budget of the ledger covers of a batch; nil for nothing.
  private static func scope(_ scope: Budget.Scope, in setup: BatchSetup) -> PlanSpecification.Scope? {
    switch scope {
    case .all: .all
    case .workload(let name): .workload(name)
    case .provider(let name):
      setup.targets.contains { $0.offer.provider == name } ? .provider(name) : nil
    // Batches have tags of their own alone, and no keys.
    case .tag, .key: nil
    }
  }
}
