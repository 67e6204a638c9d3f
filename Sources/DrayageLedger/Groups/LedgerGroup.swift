internal import DrayageCore

/// Reservations and settlements that are committed together: decided in memory, on rows that were read before
/// and are locked until the commit. A refusal changes nothing, so it cannot fail the others.
///
/// A value without I/O or clock; both stores decide by it.
struct LedgerGroup {
  /// A budget that covers an attempt, with its account in the attempt's window.
  struct Cover {
    let budget: Budget
    let account: Int64
    /// The end of the window.
    let until: UTCInstant?
  }

  /// The accounts by id.
  private(set) var accounts: [Int64: AccountRow]
  /// The attempts as they are now.
  private(set) var attempts: [ReservationKey: AttemptRow]
  /// The accounts whose amounts have changed.
  private(set) var changedAccounts: Set<Int64> = []
  /// The attempts that were not known before.
  private(set) var added: Set<ReservationKey> = []
  /// The attempts that were open before and are settled now.
  private(set) var settled: Set<ReservationKey> = []

  init(accounts: [AccountRow], attempts: [(ReservationKey, AttemptRow)]) {
    self.accounts = Dictionary(accounts.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.attempts = Dictionary(attempts, uniquingKeysWith: { first, _ in first })
  }

  /// Holds the ceiling of `request` against every cover or none.
  ///
  /// - Precondition: the accounts of `covers` are among those read.
  mutating func reserve(
    _ request: ReservationRequest, under covers: [Cover], at time: UTCInstant
  ) -> ReservationAnswer {
    let ceiling = request.ceiling.nanodollars
    if let known = attempts[request.key] {
      if let settlement = known.settlement {
        return .exists(.settled(Money(nanodollars: settlement.charge)))
      }
      let isSame = known.ceiling == ceiling && known.payload == request.payload
      return isSame ? .held : .exists(.open(ceiling: Money(nanodollars: known.ceiling)))
    }
    for cover in covers {
      let available = available(cover)
      guard ceiling <= available else {
        return .refused(
          budget: cover.budget.name, available: Money(nanodollars: available), until: cover.until)
      }
    }
    for cover in covers { change(cover.account) { $0.held += ceiling } }
    attempts[request.key] = AttemptRow(
      ceiling: ceiling, accounts: covers.map(\.account), payload: request.payload,
      reservedAt: time.secondsSince1970)
    added.insert(request.key)
    return .held
  }

  /// Closes the reservation of `key`, once.
  ///
  /// - Precondition: its accounts are among those read, unless it is settled.
  mutating func settle(
    _ key: ReservationKey, as charge: Ledger.Charge, at time: UTCInstant, token: Int64
  ) -> Ledger.Settlement {
    guard var attempt = attempts[key] else { return .alreadySettled }
    if let settlement = attempt.settlement {
      // The same call, asked again because its acknowledgement was lost.
      guard settlement.token == token else { return .alreadySettled }
      return Self.settlement(settlement.charge, of: attempt.ceiling)
    }
    let amount =
      switch charge {
      // A bill of less than nothing gives no money back.
      case .metered(let amount): max(0, amount.nanodollars)
      case .notBilled: Int64(0)
      case .unknown: attempt.ceiling
      }
    for account in attempt.accounts {
      change(account) {
        $0.held -= attempt.ceiling
        // Providers name the amounts, and absurd ones may add up to more than can be written.
        let (sum, overflow) = $0.spent.addingReportingOverflow(amount)
        $0.spent = overflow ? .max : sum
      }
    }
    attempt.settlement = AttemptRow.Settlement(charge: amount, at: time.secondsSince1970, token: token)
    attempts[key] = attempt
    if !added.contains(key) { settled.insert(key) }
    return Self.settlement(amount, of: attempt.ceiling)
  }

  private func available(_ cover: Cover) -> Int64 {
    guard let account = accounts[cover.account] else {
      preconditionFailure("the account of budget '\(cover.budget.name)' was not read")
    }
    let limit = cover.budget.limit.nanodollars
    return account.spent < limit ? max(0, limit - account.spent - account.held) : 0
  }

  private mutating func change(_ id: Int64, _ body: (inout AccountRow) -> Void) {
    guard var account = accounts[id] else { preconditionFailure("account \(id) was not read") }
    body(&account)
    accounts[id] = account
    changedAccounts.insert(id)
  }

  private static func settlement(_ charge: Int64, of ceiling: Int64) -> Ledger.Settlement {
    let amount = Money(nanodollars: charge)
    guard charge > ceiling else { return .settled(amount) }
    return .overrun(amount, excess: Money(nanodollars: charge - ceiling))
  }
}
