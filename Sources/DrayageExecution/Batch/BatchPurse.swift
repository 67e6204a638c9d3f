import DrayageCore

/// The batch's money as this run knows it. The ledger on disk is the truth; this says what is worth asking it for.
struct BatchPurse {
  let limit: Money
  /// What was spent before this run, and what others have spent.
  private var spentElsewhere = Money.zero
  /// What others hold, and attempts of earlier runs that have no end yet.
  private(set) var heldElsewhere = Money.zero
  /// What this run has spent.
  private var spent = Money.zero
  /// What this run holds.
  private(set) var held = Money.zero
  private var holds: [AttemptID: Money] = [:]

  init(limit: Money) { self.limit = limit }

  /// What has been spent by all.
  var used: Money { Self.sum(spentElsewhere, spent) }

  /// What can still be reserved.
  var available: Money {
    let taken = Self.sum(used, Self.sum(held, heldElsewhere))
    return taken < limit ? limit - taken : .zero
  }

  /// Providers name the amounts, and absurd ones may add up to more than can be written.
  private static func sum(_ a: Money, _ b: Money) -> Money {
    let (sum, overflow) = a.nanodollars.addingReportingOverflow(b.nanodollars)
    return Money(nanodollars: overflow ? .max : sum)
  }

  private static func difference(_ a: Money, _ b: Money) -> Money { a > b ? a - b : .zero }

  /// Holds `amount`, which the ledger holds already or will be asked for.
  mutating func hold(_ amount: Money, for attempt: AttemptID) {
    guard holds[attempt] == nil else { return }
    holds[attempt] = amount
    held = Self.sum(held, amount)
  }

  /// Holds what an earlier run has reserved, and what is counted elsewhere so far.
  mutating func take(_ amount: Money, for attempt: AttemptID) {
    guard holds[attempt] == nil else { return }
    heldElsewhere = Self.difference(heldElsewhere, amount)
    hold(amount, for: attempt)
  }

  /// Leaves a reservation to a later run.
  mutating func giveUp(_ attempt: AttemptID) {
    guard let amount = holds.removeValue(forKey: attempt) else { return }
    held = held - amount
    heldElsewhere = Self.sum(heldElsewhere, amount)
  }

  /// Closes a reservation at what it cost.
  mutating func settle(_ attempt: AttemptID, at charge: Money) {
    guard let amount = holds.removeValue(forKey: attempt) else { return }
    held = held - amount
    spent = Self.sum(spent, charge)
  }

  /// Takes over what the ledger says of all together.
  mutating func correct(spent all: Money, held allHeld: Money) {
    spentElsewhere = Self.difference(all, spent)
    heldElsewhere = Self.difference(allHeld, held)
  }
}
