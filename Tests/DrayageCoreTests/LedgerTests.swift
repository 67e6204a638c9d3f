import DrayageCore
import Testing

@Suite("Ledger") struct LedgerTests {
  private static func nano(_ amount: Int64) -> Money { Money(nanodollars: amount) }
  private static func attempt(_ ordinal: Int, of request: String = "r") -> AttemptID {
    AttemptID(request: request, ordinal: ordinal)
  }

  /// What is spent and held of a budget, in nano-dollars.
  private func state(_ ledger: Ledger, _ name: String = "b") throws -> [Int64] {
    let account = try #require(ledger.accounts[name])
    return [account.spent.nanodollars, account.held.nanodollars]
  }

  @Test func reservesUpToTheLimitAndNotBeyond() throws {
    var ledger = Ledger(limits: ["b": Self.nano(100)])
    #expect(ledger.reserve(Self.nano(60), for: Self.attempt(1), against: ["b"]) == .held)
    #expect(
      ledger.reserve(Self.nano(41), for: Self.attempt(2), against: ["b"])
        == .refused(budget: "b", available: Self.nano(40)))
    #expect(ledger.reserve(Self.nano(40), for: Self.attempt(2), against: ["b"]) == .held)
    #expect(try state(ledger) == [0, 100])
    // What costs nothing fits always.
    #expect(ledger.reserve(.zero, for: Self.attempt(3), against: ["b"]) == .held)
    #expect(ledger.isOpen(Self.attempt(3)))
  }

  @Test(
    arguments: [
      (.metered(nano(30)), .settled(nano(30)), 30), (.metered(nano(60)), .settled(nano(60)), 60),
      (.metered(nano(75)), .overrun(nano(75), excess: nano(15)), 75), (.metered(.zero), .settled(.zero), 0),
      (.notBilled, .settled(.zero), 0), (.unknown, .settled(nano(60)), 60),
    ] as [(Ledger.Charge, Ledger.Settlement, Int64)])
  func settlesOnce(charge: Ledger.Charge, settlement: Ledger.Settlement, spent: Int64) throws {
    var ledger = Ledger(limits: ["b": Self.nano(100)])
    _ = ledger.reserve(Self.nano(60), for: Self.attempt(1), against: ["b"])
    #expect(ledger.settle(Self.attempt(1), as: charge) == settlement)
    #expect(try state(ledger) == [spent, 0])
    #expect(ledger.settle(Self.attempt(1), as: .metered(Self.nano(1))) == .alreadySettled)
    #expect(ledger.settle(Self.attempt(2), as: .metered(Self.nano(1))) == .alreadySettled)
    #expect(try state(ledger) == [spent, 0])
    #expect(ledger.accounts["b"]?.available == Self.nano(100 - spent))
  }

  @Test func reservesAgainstAllBudgetsOrNone() throws {
    var ledger = Ledger(limits: ["wide": Self.nano(100), "narrow": Self.nano(10), "other": Self.nano(50)])
    for order in [["wide", "narrow"], ["narrow", "wide"]] {
      #expect(
        ledger.reserve(Self.nano(20), for: Self.attempt(1), against: order)
          == .refused(budget: "narrow", available: Self.nano(10)))
      #expect(!ledger.isOpen(Self.attempt(1)))
    }
    for name in ["wide", "narrow", "other"] { #expect(try state(ledger, name) == [0, 0]) }
    #expect(ledger.reserve(Self.nano(10), for: Self.attempt(1), against: ["wide", "narrow"]) == .held)
    ledger.settle(Self.attempt(1), as: .metered(Self.nano(4)))
    #expect(try state(ledger, "wide") == [4, 0])
    #expect(try state(ledger, "narrow") == [4, 0])
    #expect(try state(ledger, "other") == [0, 0])
  }

  @Test func withoutBudgetsAnythingIsHeldAndSettledOnce() {
    var ledger = Ledger(limits: [:])
    #expect(ledger.reserve(.largest, for: Self.attempt(1), against: []) == .held)
    #expect(ledger.settle(Self.attempt(1), as: .unknown) == .settled(.largest))
    #expect(ledger.settle(Self.attempt(1), as: .unknown) == .alreadySettled)
  }

  @Test func restoresWhatAJournalProvesEvenIfItNoLongerFits() throws {
    var ledger = Ledger(limits: ["b": Self.nano(100)])
    ledger.charge(Self.nano(80), against: "b")
    ledger.restore(Self.nano(50), for: Self.attempt(1), against: ["b"])
    // The same record again changes nothing.
    ledger.restore(Self.nano(70), for: Self.attempt(1), against: ["b"])
    #expect(try state(ledger) == [80, 50])
    #expect(ledger.accounts["b"]?.available == .zero)
    #expect(
      ledger.reserve(Self.nano(1), for: Self.attempt(2), against: ["b"])
        == .refused(budget: "b", available: .zero))
    ledger.settle(Self.attempt(1), as: .notBilled)
    #expect(ledger.accounts["b"]?.available == Self.nano(20))
  }

  @Test func anOverrunIsOwedInFullAndStopsWhatFollows() throws {
    var ledger = Ledger(limits: ["b": Self.nano(100)])
    _ = ledger.reserve(Self.nano(60), for: Self.attempt(1), against: ["b"])
    #expect(
      ledger.settle(Self.attempt(1), as: .metered(Self.nano(130)))
        == .overrun(Self.nano(130), excess: Self.nano(70)))
    #expect(try state(ledger) == [130, 0])
    #expect(
      ledger.reserve(Self.nano(1), for: Self.attempt(2), against: ["b"])
        == .refused(budget: "b", available: .zero))
  }
}

/// What routers in the field have got wrong with money, by name.
@Suite("Ledger: known bugs of the field") struct LedgerFieldBugTests {
  private let first = AttemptID(request: "r", ordinal: 1)
  private let second = AttemptID(request: "r", ordinal: 2)

  private func ledger(limit: Int64, holding amount: Int64) -> Ledger {
    var ledger = Ledger(limits: ["b": Money(nanodollars: limit)])
    _ = ledger.reserve(Money(nanodollars: amount), for: first, against: ["b"])
    return ledger
  }

  @Test(arguments: FailureClass.allCases)
  func aReservationDoesNotLeakOnAnErrorPath(failure: FailureClass) throws {
    var ledger = ledger(limit: 100, holding: 60)
    ledger.settle(first, as: failure.meaning.mayBeBilled ? .unknown : .notBilled)
    let account = try #require(ledger.accounts["b"])
    #expect(account.held == .zero)
    #expect(!ledger.isOpen(first))
    #expect(account.available == Money(nanodollars: failure.meaning.mayBeBilled ? 40 : 100))
  }

  @Test func twoFirstRequestsDoNotPassACapTogether() throws {
    var ledger = ledger(limit: 100, holding: 60)
    // Nothing is spent yet, and still the second does not fit.
    #expect(ledger.accounts["b"]?.spent == .zero)
    #expect(
      ledger.reserve(Money(nanodollars: 60), for: AttemptID(request: "s", ordinal: 1), against: ["b"])
        == .refused(budget: "b", available: Money(nanodollars: 40)))
  }

  @Test func aFallbackDoesNotSpendPastTheBudget() throws {
    var ledger = ledger(limit: 100, holding: 60)
    ledger.settle(first, as: .unknown)
    #expect(
      ledger.reserve(Money(nanodollars: 60), for: second, against: ["b"])
        == .refused(budget: "b", available: Money(nanodollars: 40)))
    #expect(ledger.reserve(Money(nanodollars: 40), for: second, against: ["b"]) == .held)
    ledger.settle(second, as: .metered(Money(nanodollars: 40)))
    #expect(ledger.accounts["b"]?.spent == Money(nanodollars: 100))
  }

  @Test func aBoundNeverRefunds() throws {
    var ledger = ledger(limit: 100, holding: 60)
    #expect(ledger.settle(first, as: .unknown) == .settled(Money(nanodollars: 60)))
    // Nor does a late report of less.
    #expect(ledger.settle(first, as: .metered(Money(nanodollars: 1))) == .alreadySettled)
    #expect(ledger.settle(first, as: .notBilled) == .alreadySettled)
    #expect(ledger.accounts["b"]?.spent == Money(nanodollars: 60))
  }

  @Test func aBudgetNamedTwiceIsHeldOnce() throws {
    var ledger = Ledger(limits: ["b": Money(nanodollars: 100)])
    #expect(ledger.reserve(Money(nanodollars: 60), for: first, against: ["b", "b"]) == .held)
    #expect(ledger.accounts["b"]?.held == Money(nanodollars: 60))
    ledger.settle(first, as: .metered(Money(nanodollars: 50)))
    #expect(ledger.accounts["b"]?.spent == Money(nanodollars: 50))
    #expect(ledger.accounts["b"]?.held == .zero)
  }

  @Test func absurdChargesStopTheBudgetAndNotTheProcess() throws {
    var ledger = Ledger(limits: ["b": Money.largest])
    let absurd = Money(nanodollars: .max)
    for ordinal in 1...3 {
      let attempt = AttemptID(request: "r", ordinal: ordinal)
      ledger.restore(Money(nanodollars: 5), for: attempt, against: ["b"])
      #expect(
        ledger.settle(attempt, as: .metered(absurd))
          == .overrun(absurd, excess: Money(nanodollars: .max - 5)))
    }
    ledger.charge(absurd, against: "b")
    #expect(ledger.accounts["b"]?.spent == absurd)
    ledger.restore(Money.largest, for: first, against: ["b"])
    #expect(ledger.accounts["b"]?.available == .zero)
  }
}
