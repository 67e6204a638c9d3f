/// Budgets that are never exceeded: money is reserved before an attempt is sent and settled once it is over.
///
/// A value without I/O, clock or lock; whoever owns it serializes access and makes each change durable before
/// acting on it.
///
/// Invariant: `spent + held <= limit` for every budget, as long as each attempt costs no more than was
/// reserved for it. A charge above its reservation is recorded in full, because it is owed, and reported as
/// an overrun by ``settle(_:as:)``.
public struct Ledger: Sendable {
  /// Names one budget.
  public typealias BudgetName = String

  /// One budget and what has become of it.
  public struct Account: Hashable, Sendable {
    /// The most that may be spent.
    public let limit: Money
    /// What attempts have cost so far.
    public fileprivate(set) var spent: Money = .zero
    /// What is reserved for attempts under way.
    public fileprivate(set) var held: Money = .zero

    /// What can still be reserved: never below zero.
    public var available: Money { spent < limit ? max(.zero, limit - spent - held) : .zero }

    fileprivate init(limit: Money) { self.limit = limit }

    /// Counts `amount` as spent. Providers name the amounts, and absurd ones may add up to more than can be
    /// written.
    fileprivate mutating func spend(_ amount: Money) {
      let (sum, overflow) = spent.nanodollars.addingReportingOverflow(amount.nanodollars)
      spent = Money(nanodollars: overflow ? .max : sum)
    }
  }

  /// What an attempt turned out to cost.
  public enum Charge: Hashable, Sendable {
    /// Metered by the provider and priced by the tariff.
    case metered(Money)
    /// Known not to be billed: refused, or never processed.
    case notBilled
    /// Perhaps billed, usage unknown. The whole reservation counts as spent: a bound never refunds.
    case unknown
  }

  /// The answer to a reservation.
  public enum Reservation: Hashable, Sendable {
    /// The amount is held against every budget named.
    case held
    /// Nothing is held: this budget has less available than was asked.
    case refused(budget: BudgetName, available: Money)
  }

  /// What settling did.
  public enum Settlement: Hashable, Sendable {
    /// The reservation is closed at this charge.
    case settled(Money)
    /// The reservation is closed at a charge above what was held for it, by `excess`.
    case overrun(Money, excess: Money)
    /// There is no such open reservation: settled before, or never made. Nothing changed.
    case alreadySettled
  }

  private struct Hold {
    let amount: Money
    /// The places of the budgets, each once.
    let budgets: [Int]
  }

  private let placeOf: [BudgetName: Int]
  private var places: [Account]
  private var holds: [AttemptID: Hold] = [:]

  /// A ledger of budgets with nothing spent.
  public init(limits: [BudgetName: Money]) {
    placeOf = Dictionary(uniqueKeysWithValues: limits.keys.enumerated().map { ($1, $0) })
    places = limits.values.map { Account(limit: $0) }
  }

  /// The budgets by name.
  public var accounts: [BudgetName: Account] { placeOf.mapValues { places[$0] } }

  private func name(of place: Int) -> BudgetName { placeOf.first { $0.value == place }?.key ?? "" }

  /// The place of a budget that must be there.
  package func place(of name: BudgetName) -> Int {
    guard let place = placeOf[name] else { preconditionFailure("there is no budget '\(name)'") }
    return place
  }

  /// Whether `attempt` holds a reservation.
  public func isOpen(_ attempt: AttemptID) -> Bool { holds[attempt] != nil }

  /// Reserves `ceiling` against every one of `budgets`, or against none.
  ///
  /// - Precondition: each budget exists, `ceiling` is not negative, and `attempt` has no open reservation.
  public mutating func reserve(
    _ ceiling: Money, for attempt: AttemptID, against budgets: [BudgetName]
  ) -> Reservation {
    reserve(ceiling, for: attempt, at: budgets.map(place))
  }

  /// The same with the places of the budgets.
  package mutating func reserve(
    _ ceiling: Money, for attempt: AttemptID, at wanted: [Int]
  ) -> Reservation {
    precondition(ceiling >= .zero, "a reservation is zero or more")
    for place in wanted {
      let available = places[place].available
      guard ceiling <= available else { return .refused(budget: name(of: place), available: available) }
    }
    let isNew = hold(ceiling, for: attempt, against: wanted)
    precondition(isNew, "attempt \(attempt) holds a reservation already")
    return .held
  }

  /// Holds `ceiling` whether or not it fits: only for reservations that a journal proves to have been made
  /// before.
  public mutating func restore(_ ceiling: Money, for attempt: AttemptID, against budgets: [BudgetName]) {
    let wanted = budgets.map(place)
    guard holds[attempt] == nil else { return }
    _ = hold(ceiling, for: attempt, against: wanted)
  }

  /// Returns whether the attempt held nothing before.
  private mutating func hold(_ ceiling: Money, for attempt: AttemptID, against wanted: [Int]) -> Bool {
    // A budget that is named twice is still one.
    let budgets = wanted.count > 1 ? Array(Set(wanted)) : wanted
    for place in budgets { places[place].held += ceiling }
    return holds.updateValue(Hold(amount: ceiling, budgets: budgets), forKey: attempt) == nil
  }

  /// Records what was spent before this ledger began, whether or not it fits.
  public mutating func charge(_ amount: Money, against budget: BudgetName) {
    precondition(amount >= .zero, "a charge is zero or more")
    places[place(of: budget)].spend(amount)
  }

  /// Closes the reservation of `attempt`, once: a second call changes nothing.
  @discardableResult
  public mutating func settle(_ attempt: AttemptID, as charge: Charge) -> Settlement {
    guard let hold = holds.removeValue(forKey: attempt) else { return .alreadySettled }
    let amount =
      switch charge {
      // A bill of less than nothing gives no money back.
      case .metered(let amount): max(.zero, amount)
      case .notBilled: Money.zero
      case .unknown: hold.amount
      }
    for place in hold.budgets {
      places[place].held -= hold.amount
      places[place].spend(amount)
    }
    return amount > hold.amount ? .overrun(amount, excess: amount - hold.amount) : .settled(amount)
  }
}
