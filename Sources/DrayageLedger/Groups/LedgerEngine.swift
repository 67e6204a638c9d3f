/// What carries out groups of operations on one store. Used from one queue only.
protocol LedgerEngine: AnyObject {
  /// The name of the store for messages.
  var store: String { get }

  /// Runs `body` in one transaction and returns once it is durable. `body` may run several times, each time
  /// on tables without what the time before has written.
  ///
  /// - Throws: ``LedgerStoreError``.
  func transaction<Answer>(_ body: (any LedgerTables) throws -> Answer) throws(LedgerStoreError) -> Answer

  /// Lets go of the store.
  func close()
}

extension LedgerEngine {
  /// Does `operations` in one durable transaction. What makes one of them fail on its own does not fail the
  /// others: should the transaction break, each is done in one of its own.
  func perform(
    _ operations: [LedgerOperation], calendar: inout BudgetCalendar
  ) -> [Result<LedgerAnswer, LedgerStoreError>] {
    do {
      return try transaction { tables in
        try LedgerGroup.perform(operations, on: tables, calendar: &calendar)
      }
    } catch {
      // Where the store as a whole is the reason, one by one would fail alike, after as long a wait each.
      guard operations.count > 1, error.code == .failed else {
        return operations.map { _ in .failure(error) }
      }
      return operations.flatMap { perform([$0], calendar: &calendar) }
    }
  }
}
