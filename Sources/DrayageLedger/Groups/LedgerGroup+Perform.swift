internal import DrayageCore

extension LedgerGroup {
  /// Does `operations` within one transaction, in their order as far as they concern the same attempts: first
  /// the reservations and settlements, all on rows read once, then the others one by one.
  ///
  /// - Returns: for each operation its answer, or why that one alone cannot be done.
  /// - Throws: what makes the whole transaction void.
  static func perform(
    _ operations: [LedgerOperation], on tables: any LedgerTables, calendar: inout BudgetCalendar
  ) throws -> [Result<LedgerAnswer, LedgerStoreError>] {
    var answers: [Result<LedgerAnswer, LedgerStoreError>?] = Array(repeating: nil, count: operations.count)
    try performAccounts(operations, on: tables, calendar: &calendar, answers: &answers)
    for (index, operation) in operations.enumerated() {
      switch operation {
      case .reserve, .settle: continue
      case .finish(let end, let batch, _, _):
        let completion = try tables.finish(end, in: batch)
        guard case .success(.settled(let settlement))? = answers[index] else {
          answers[index] = .success(.finished(completion, nil))
          continue
        }
        answers[index] = .success(.finished(completion, settlement))
      case .other(let body):
        do {
          answers[index] = .success(.other(try body(tables)))
        } catch let error as LedgerStoreError where error.code == .invalid {
          // Found before anything was written.
          answers[index] = .failure(error)
        }
      }
    }
    return answers.map { answer in
      guard let answer else { preconditionFailure("every operation is answered") }
      return answer
    }
  }

  private static func performAccounts(
    _ operations: [LedgerOperation], on tables: any LedgerTables, calendar: inout BudgetCalendar,
    answers: inout [Result<LedgerAnswer, LedgerStoreError>?]
  ) throws {
    var keys: Set<ReservationKey> = []
    for operation in operations {
      switch operation {
      case .reserve(let request, _): keys.insert(request.key)
      case .settle(let key, _, _, _): keys.insert(key)
      case .finish(_, _, let settlement, _):
        if let settlement { keys.insert(settlement.key) }
      case .other: break
      }
    }
    guard !keys.isEmpty else { return }
    let attempts = try tables.attempts(keys.sorted())
    let covers = try covers(operations, on: tables, calendar: &calendar)
    let windows = Set(covers.values.lazy.joined().map(\.window))
    let open = Set(attempts.lazy.filter { $0.1.settlement == nil }.flatMap(\.1.accounts))
    let accounts =
      windows.isEmpty && open.isEmpty
      ? [] : try tables.accounts(ids: open.sorted(), windows: windows.sorted())
    let ids = Dictionary(accounts.map { ($0.window, $0.id) }, uniquingKeysWith: { first, _ in first })
    var group = LedgerGroup(accounts: accounts, attempts: attempts)
    for (index, operation) in operations.enumerated() {
      switch operation {
      case .reserve(let request, let time):
        let held = try covers[index, default: []].map { cover in
          guard let id = ids[cover.window] else { throw BrokenTables.accountMissing(cover.window.budget) }
          return Cover(budget: cover.budget, account: id, until: cover.until)
        }
        answers[index] = .success(.reserved(group.reserve(request, under: held, at: time)))
      case .settle(let key, let charge, let time, let token):
        answers[index] = .success(.settled(group.settle(key, as: charge, at: time, token: token)))
      case .finish(let end, _, let settlement, let time):
        guard let settlement else { continue }
        answers[index] = .success(
          .settled(group.settle(settlement.key, as: settlement.charge, at: time, token: end.token)))
      case .other: break
      }
    }
    if !group.added.isEmpty || !group.settled.isEmpty { try tables.write(group) }
  }

  private typealias Covering = (budget: Budget, window: AccountRow.Window, until: UTCInstant?)

  /// For each reservation, by its place among `operations`, the budgets that cover it.
  private static func covers(
    _ operations: [LedgerOperation], on tables: any LedgerTables, calendar: inout BudgetCalendar
  ) throws -> [Int: [Covering]] {
    var covers: [Int: [Covering]] = [:]
    var budgets: [Budget]?
    for (index, operation) in operations.enumerated() {
      guard case .reserve(let request, let time) = operation else { continue }
      let known = try budgets ?? tables.budgets(toChange: false)
      budgets = known
      covers[index] = known.filter { $0.covers(request.spending) }.map { budget in
        let window = calendar.window(budget.window, at: time)
        return (budget, AccountRow.Window(budget: budget.name, window: window.name), window.end)
      }
    }
    return covers
  }
}

/// Tables that contradict themselves.
enum BrokenTables: Error {
  case accountMissing(String)
  case value(table: String, column: String)
}

extension AccountRow.Window: Comparable {
  /// The order in which every process locks accounts.
  static func < (a: Self, b: Self) -> Bool {
    a.budget == b.budget ? a.window < b.window : a.budget < b.budget
  }
}
