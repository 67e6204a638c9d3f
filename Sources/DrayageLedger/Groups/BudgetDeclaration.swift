internal import DrayageCore

/// Budgets as their owner wants them, beside those that a ledger has.
struct BudgetDeclaration {
  private let wanted: [Budget]
  private let known: [Budget]
  private let store: String

  init(_ wanted: [Budget], known: [Budget], store: String) {
    self.wanted = wanted
    self.known = known
    self.store = store
  }

  /// Writes what is new or has another limit.
  ///
  /// - Throws: ``LedgerStoreError`` of code `invalid`, with nothing written, if a budget would count
  ///   something else under the same name.
  func apply(to tables: any LedgerTables) throws -> [BudgetChange] {
    var changes: [(BudgetChange, Budget)] = []
    for budget in wanted {
      guard let old = known.first(where: { $0.name == budget.name }) else {
        changes.append((.added(budget.name), budget))
        continue
      }
      guard old.scope == budget.scope, old.window == budget.window else {
        throw LedgerStoreError(
          .invalid, store,
          "budget '\(budget.name)' counts other attempts, or in another window, than before; "
            + "give the new one another name, or remove the old one first")
      }
      if old.limit != budget.limit {
        // Under the known spelling: names that look alike are one name.
        let renewed = Budget(name: old.name, scope: old.scope, window: old.window, limit: budget.limit)
        changes.append((.limit(of: old.name, from: old.limit, to: budget.limit), renewed))
      }
    }
    for (_, budget) in changes { try tables.save(budget) }
    return changes.map(\.0)
  }
}
