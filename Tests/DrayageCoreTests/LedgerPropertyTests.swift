import DrayageTesting
import DrayageCore
import Testing

/// Random interleavings against a model that keeps every event and adds up from the start.
@Suite("Ledger properties") struct LedgerPropertyTests {
  private static let seeds = UInt64(0)..<400

  @Test func agreesWithAModelThatForgetsNothing() throws {
    var seen: [String: Int] = [:]
    for seed in Self.seeds {
      var walk = LedgerWalk(seed: seed, isTame: seed % 2 == 0)
      for step in 0..<80 {
        seen[walk.step(), default: 0] += 1
        guard walk.disagreement == nil else { break }
        #expect(walk.ledger.accounts.count == walk.model.limits.count, "seed \(seed), step \(step)")
      }
      #expect(walk.disagreement == nil, "seed \(seed)")
    }
    // Every kind of event, and of answer, took part.
    let kinds = [
      "charge", "held", "notBilled", "overrun", "refused", "restore", "restore of open", "settled", "twice",
      "unknown", "unknown id",
    ]
    #expect(seen.filter { $0.value >= 100 }.keys.sorted() == kinds)
  }

  @Test func neverExceedsALimitUnlessAnAttemptCostsMoreThanItsReservation() {
    var fullest = Money.zero
    for seed in Self.seeds {
      var walk = LedgerWalk(seed: seed, isTame: true)
      for step in 0..<80 {
        _ = walk.step()
        for account in walk.ledger.accounts.values {
          #expect(account.spent + account.held <= account.limit, "seed \(seed), step \(step)")
          #expect(account.available == account.limit - account.spent - account.held, "seed \(seed)")
          if account.spent + account.held == account.limit { fullest = max(fullest, account.limit) }
        }
      }
    }
    // The limits were reached, so that passing them was possible.
    #expect(fullest > .zero)
  }
}

/// A ledger and its model under the same random events.
private struct LedgerWalk {
  private(set) var ledger: Ledger
  private(set) var model: LedgerModel
  /// The first difference found.
  private(set) var disagreement: String?
  private let isTame: Bool
  private let names: [String]
  private var random: SplitMix64

  /// - Parameter isTame: no attempt costs more than its reservation, and nothing is restored or charged.
  init(seed: UInt64, isTame: Bool) {
    random = SplitMix64(seed: seed)
    self.isTame = isTame
    names = Array(["a", "b", "c"].prefix(Int.random(in: 1...3, using: &random)))
    var limits: [String: Int64] = [:]
    for name in names { limits[name] = Int64.random(in: 0...200, using: &random) }
    ledger = Ledger(limits: limits.mapValues(Money.init(nanodollars:)))
    model = LedgerModel(limits: limits)
  }

  /// Takes one step and says of which kind it was.
  mutating func step() -> String {
    let attempt = AttemptID(
      request: "r\(Int.random(in: 0..<4, using: &random))", ordinal: Int.random(in: 1...3, using: &random))
    let amount = Int64.random(in: 0...60, using: &random)
    let budgets = names.filter { _ in Int.random(in: 0..<4, using: &random) > 0 }.shuffled(using: &random)
    let kind: String
    switch Int.random(in: 0..<(isTame ? 8 : 10), using: &random) {
    case 0..<4 where !ledger.isOpen(attempt): kind = reserve(amount, attempt, budgets)
    case 8:
      kind = ledger.isOpen(attempt) ? "restore of open" : "restore"
      ledger.restore(Money(nanodollars: amount), for: attempt, against: budgets)
      model.restore(amount, attempt, budgets)
    case 9:
      kind = "charge"
      let name = names[Int.random(in: names.indices, using: &random)]
      ledger.charge(Money(nanodollars: amount / 8), against: name)
      model.charge(amount / 8, name)
    default: kind = settle(attempt)
    }
    compare(after: kind)
    return kind
  }

  private mutating func reserve(_ amount: Int64, _ attempt: AttemptID, _ budgets: [String]) -> String {
    let answer = ledger.reserve(Money(nanodollars: amount), for: attempt, against: budgets)
    let expected = model.reserve(amount, attempt, budgets)
    note(answer == expected, "reserving \(amount) answered \(answer), not \(expected)")
    return answer == .held ? "held" : "refused"
  }

  private mutating func settle(_ attempt: AttemptID) -> String {
    let held = model.openAmount(of: attempt) ?? 60
    let (kind, charge): (String, Ledger.Charge) =
      switch Int.random(in: 0..<(isTame ? 4 : 5), using: &random) {
      case 0: ("notBilled", .notBilled)
      case 1: ("unknown", .unknown)
      case 2: ("settled", .metered(Money(nanodollars: held)))
      case 3: ("settled", .metered(Money(nanodollars: Int64.random(in: 0...held, using: &random))))
      default: ("overrun", .metered(Money(nanodollars: held + Int64.random(in: 1...30, using: &random))))
      }
    let wasKnown = model.knows(attempt)
    let answer = ledger.settle(attempt, as: charge)
    let expected = model.settle(attempt, as: charge)
    note(answer == expected, "settling as \(charge) answered \(answer), not \(expected)")
    return answer == .alreadySettled ? (wasKnown ? "twice" : "unknown id") : kind
  }

  private mutating func compare(after kind: String) {
    for (name, account) in ledger.accounts {
      let found = [account.spent, account.held, account.available].map(\.nanodollars)
      let expected = [model.spent(name), model.held(name), model.available(name)]
      note(found == expected, "after \(kind), '\(name)' has \(found) spent, held, available, not \(expected)")
    }
    for request in 0..<4 {
      for ordinal in 1...3 {
        let attempt = AttemptID(request: "r\(request)", ordinal: ordinal)
        note(
          ledger.isOpen(attempt) == (model.openAmount(of: attempt) != nil), "after \(kind), open \(attempt)")
      }
    }
  }

  private mutating func note(_ holds: Bool, _ message: @autoclosure () -> String) {
    if !holds, disagreement == nil { disagreement = message() }
  }
}

/// Budgets by the definition: every event is kept, every sum is formed anew.
private struct LedgerModel {
  private struct Hold {
    let attempt: AttemptID
    let amount: Int64
    let budgets: [String]
    /// What it cost; `nil` while open.
    var cost: Int64?
  }

  let limits: [String: Int64]
  private var holds: [Hold] = []
  private var charges: [(name: String, amount: Int64)] = []

  init(limits: [String: Int64]) {
    self.limits = limits
  }

  func spent(_ name: String) -> Int64 {
    let before = charges.reduce(0) { $0 + ($1.name == name ? $1.amount : 0) }
    return holds.reduce(before) { $0 + ($1.budgets.contains(name) ? $1.cost ?? 0 : 0) }
  }

  func held(_ name: String) -> Int64 {
    holds.reduce(0) { $0 + ($1.budgets.contains(name) && $1.cost == nil ? $1.amount : 0) }
  }

  func available(_ name: String) -> Int64 { max(0, (limits[name] ?? 0) - spent(name) - held(name)) }

  func knows(_ attempt: AttemptID) -> Bool { holds.contains { $0.attempt == attempt } }

  func openAmount(of attempt: AttemptID) -> Int64? {
    holds.first { $0.attempt == attempt && $0.cost == nil }?.amount
  }

  mutating func reserve(_ amount: Int64, _ attempt: AttemptID, _ budgets: [String]) -> Ledger.Reservation {
    if let short = budgets.first(where: { available($0) < amount }) {
      return .refused(budget: short, available: Money(nanodollars: available(short)))
    }
    holds.append(Hold(attempt: attempt, amount: amount, budgets: budgets))
    return .held
  }

  mutating func restore(_ amount: Int64, _ attempt: AttemptID, _ budgets: [String]) {
    guard openAmount(of: attempt) == nil else { return }
    holds.append(Hold(attempt: attempt, amount: amount, budgets: budgets))
  }

  mutating func charge(_ amount: Int64, _ name: String) {
    charges.append((name, amount))
  }

  mutating func settle(_ attempt: AttemptID, as charge: Ledger.Charge) -> Ledger.Settlement {
    guard let at = holds.firstIndex(where: { $0.attempt == attempt && $0.cost == nil }) else {
      return .alreadySettled
    }
    let amount = holds[at].amount
    let cost =
      switch charge {
      case .metered(let money): money.nanodollars
      case .notBilled: Int64(0)
      case .unknown: amount
      }
    holds[at].cost = cost
    let money = Money(nanodollars: cost)
    return cost > amount ? .overrun(money, excess: Money(nanodollars: cost - amount)) : .settled(money)
  }
}
