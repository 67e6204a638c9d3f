internal import DrayageCore

extension PostgresTables {
  func accounts(ids: [Int64], windows: [AccountRow.Window]) throws -> [AccountRow] {
    let values: [PostgresValue] = [
      .integers(ids), .texts(windows.map(\.budget)), .texts(windows.map(\.window)),
    ]
    let found = try accounts(rows(.accounts, values))
    let missing = Set(windows).subtracting(found.map(\.window))
    guard !missing.isEmpty else {
      let foundIDs = Set(found.map(\.id))
      if let id = ids.first(where: { !foundIDs.contains($0) }) {
        throw BrokenTables.accountMissing(String(id))
      }
      return found
    }
    // Once per window. Another process may make them at the same moment: it is waited for.
    let new = missing.sorted()
    try connection.send(.makeAccounts, [.texts(new.map(\.budget)), .texts(new.map(\.window))])
    let all = try accounts(rows(.accounts, values))
    guard missing.isSubset(of: all.map(\.window)) else {
      throw BrokenTables.accountMissing(new[0].budget)
    }
    return all
  }

  func look(at windows: [AccountRow.Window]) throws -> [AccountRow] {
    try accounts(
      rows(.lookAtAccounts, [.texts(windows.map(\.budget)), .texts(windows.map(\.window))]))
  }

  private func accounts(_ rows: PostgresRows) throws -> [AccountRow] {
    try (0..<rows.count).map { row in
      try AccountRow(
        id: rows.integer(row, 0),
        window: AccountRow.Window(budget: rows.text(row, 1), window: rows.text(row, 2)),
        spent: rows.integer(row, 3), held: rows.integer(row, 4))
    }
  }

  func write(_ group: LedgerGroup) throws {
    let accounts = group.changedAccounts.sorted().compactMap { group.accounts[$0] }
    if !accounts.isEmpty {
      try connection.send(
        .writeAccounts,
        [.integers(accounts.map(\.id)), .integers(accounts.map(\.spent)), .integers(accounts.map(\.held))])
    }
    // In one order everywhere, so that no two processes wait for each other's rows.
    let added = group.added.sorted()
    let attempts = added.compactMap { group.attempts[$0] }
    if !added.isEmpty {
      try connection.send(
        .insertAttempts,
        Self.columns(added) + [
          .integers(attempts.map(\.ceiling)), .texts(attempts.map { AttemptRow.text(of: $0.accounts) }),
          .blobs(attempts.map { $0.settlement == nil ? $0.payload : [] }),
          .integers(attempts.map(\.reservedAt)), .integers(attempts.map { $0.settlement?.charge }),
          .integers(attempts.map { $0.settlement?.at }), .integers(attempts.map { $0.settlement?.token }),
        ])
    }
    let settled = group.settled.sorted()
    let settlements = settled.compactMap { group.attempts[$0]?.settlement }
    if !settled.isEmpty {
      try connection.send(
        .settleAttempts,
        Self.columns(settled) + [
          .integers(settlements.map(\.charge)), .integers(settlements.map(\.at)),
          .integers(settlements.map(\.token)),
        ])
    }
  }

  func openReservations(run: String?) throws -> [OpenReservation] {
    let rows = try run.map { try self.rows(.openOfRun, [.text($0)]) } ?? self.rows(.openOfAll)
    return try (0..<rows.count).map { row in
      let attempt = try AttemptID(request: rows.text(row, 1), ordinal: Int(rows.integer(row, 2)))
      return try OpenReservation(
        key: ReservationKey(run: rows.text(row, 0), attempt: attempt),
        ceiling: Money(nanodollars: rows.integer(row, 3)), payload: rows.bytes(row, 4),
        reservedAt: UTCInstant(secondsSince1970: rows.integer(row, 5)))
    }
  }

  func attempts(of run: String, requests: [String]) throws -> [RecordedAttempt] {
    let rows = try rows(.attemptsOfRequests, [.text(run), .texts(requests)])
    return try (0..<rows.count).map { row in
      let attempt = try AttemptID(request: rows.text(row, 0), ordinal: Int(rows.integer(row, 1)))
      return try RecordedAttempt(
        key: ReservationKey(run: run, attempt: attempt), ceiling: Money(nanodollars: rows.integer(row, 2)),
        charge: rows.isNull(row, 3) ? nil : Money(nanodollars: rows.integer(row, 3)),
        payload: rows.bytes(row, 4))
    }
  }

  func forgetSettled(before time: Int64) throws -> Int {
    try rows(.forget, [.integer(time)]).changed
  }
}
