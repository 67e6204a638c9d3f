public import DrayageCore

extension DurableLedger {
  /// Adds budgets and sets limits; see ``LedgerStore/setBudgets(_:)``.
  public func setBudgets(_ budgets: [Budget]) async throws -> [BudgetChange] {
    try LedgerArguments(store: commits.store).check(budgets)
    return try await other { [store = commits.store] tables in
      try BudgetDeclaration(budgets, known: tables.budgets(toChange: true), store: store).apply(to: tables)
    }
  }

  /// Ends budgets by name; see ``LedgerStore/removeBudgets(named:)``.
  public func removeBudgets(named names: [String]) async throws {
    let arguments = LedgerArguments(store: commits.store)
    for name in names { try arguments.check(name: name, "a budget's name") }
    _ = try await other { tables in
      // Of the known spelling: names that look alike are one name.
      for budget in try tables.budgets(toChange: true) where names.contains(budget.name) {
        try tables.removeBudget(named: budget.name)
      }
      return true
    }
  }

  /// Reserves a ceiling against every budget that covers the attempt, or none; see
  /// ``LedgerStore/reserve(_:at:)``.
  public func reserve(
    _ request: ReservationRequest, at time: UTCInstant
  ) async throws -> ReservationAnswer {
    let arguments = LedgerArguments(store: commits.store)
    try arguments.check(request)
    try arguments.check(time)
    guard case .reserved(let answer) = try await commits.submit(.reserve(request, at: time)) else {
      preconditionFailure("a reservation is answered by one")
    }
    return answer
  }

  /// Closes a reservation, once; see ``LedgerStore/settle(_:as:at:)``.
  public func settle(
    _ key: ReservationKey, as charge: Ledger.Charge, at time: UTCInstant
  ) async throws -> Ledger.Settlement {
    let arguments = LedgerArguments(store: commits.store)
    try arguments.check(key)
    try arguments.check(time)
    let operation = LedgerOperation.settle(key, as: charge, at: time, token: Self.token())
    guard case .settled(let answer) = try await commits.submit(operation) else {
      preconditionFailure("a settlement is answered by one")
    }
    return answer
  }

  /// Every budget, by name, with its account at `time`; see ``LedgerStore/accounts(at:)``.
  public func accounts(at time: UTCInstant) async throws -> [BudgetAccount] {
    try LedgerArguments(store: commits.store).check(time)
    return try await other { tables in
      var calendar = BudgetCalendar()
      let budgets = try tables.budgets(toChange: false)
      let windows = budgets.map { budget in
        let window = calendar.window(budget.window, at: time).name
        return AccountRow.Window(budget: budget.name, window: window)
      }
      let rows = try tables.look(at: windows)
      let known = Dictionary(rows.map { ($0.window, $0) }, uniquingKeysWith: { first, _ in first })
      return zip(budgets, windows).map { budget, window in
        BudgetAccount(
          budget: budget, window: window.window, spent: Money(nanodollars: known[window]?.spent ?? 0),
          held: Money(nanodollars: known[window]?.held ?? 0))
      }
    }
  }

  /// The reservations without a settlement; see ``LedgerStore/openReservations(run:)``.
  public func openReservations(run: String?) async throws -> [OpenReservation] {
    if let run { try LedgerArguments(store: commits.store).check(name: run, "a run's name") }
    return try await other { try $0.openReservations(run: run).sorted { $0.key < $1.key } }
  }

  /// The attempts of a run for some requests; see ``LedgerStore/attempts(of:requests:)``.
  public func attempts(of run: String, requests: [String]) async throws -> [RecordedAttempt] {
    let arguments = LedgerArguments(store: commits.store)
    try arguments.check(name: run, "a run's name")
    try arguments.check(requests: requests)
    return try await other {
      try $0.attempts(of: run, requests: Set(requests).sorted()).sorted { $0.key < $1.key }
    }
  }

  /// Forgets what was settled before `time`; see ``LedgerStore/forgetSettled(before:)``.
  public func forgetSettled(before time: UTCInstant) async throws -> Int {
    try LedgerArguments(store: commits.store).check(time)
    return try await other { try $0.forgetSettled(before: time.secondsSince1970) }
  }
}
