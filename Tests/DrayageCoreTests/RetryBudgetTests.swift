import DrayageCore
import DrayageTesting
import Testing

@Suite("Retry budget") struct RetryBudgetTests {
  /// How many retries are to be had at once.
  private func drain(_ budget: inout RetryBudget, at now: Double) -> Int {
    var count = 0
    while budget.withdraw(at: now) { count += 1 }
    return count
  }

  @Test func `a quiet client may retry three times a second`() {
    var budget = RetryBudget()
    #expect(drain(&budget, at: 100) == 30)
    #expect(drain(&budget, at: 108.9) == 0)
    #expect(drain(&budget, at: 110) == 30)
  }

  @Test func `a fifth of the requests comes on top`() {
    var budget = RetryBudget()
    for _ in 0..<1000 { budget.deposit(at: 0) }
    #expect(drain(&budget, at: 5) == 230)
    #expect(budget.balance(at: 5) < 1)
  }

  @Test func `deposits are forgotten after the window`() {
    var budget = RetryBudget(policy: .init(share: 1, window: 10, perSecond: 0))
    budget.deposit(at: 0)
    #expect(budget.balance(at: 9.9) == 1)
    #expect(budget.balance(at: 10) == 0)
    #expect(budget.withdraw(at: 10) == false)
  }

  @Test func `without share or floor there is nothing`() {
    var budget = RetryBudget(policy: .init(share: 0, perSecond: 0))
    budget.deposit(at: 0)
    #expect(drain(&budget, at: 0) == 0)
  }

  @Test(arguments: [-50, .nan, .infinity, -.infinity] as [Double])
  func `a time that is none or past forgets nothing`(now: Double) {
    var budget = RetryBudget()
    #expect(drain(&budget, at: 0) == 30)
    #expect(drain(&budget, at: now) == 0)
    #expect(drain(&budget, at: 10) == 30)
  }

  @Test func `retries are at most the floor and the share of what came before`() {
    var granted = 0
    var refused = 0
    for seed in UInt64(0)..<300 {
      var random = SplitMix64(seed: seed)
      let policy = RetryBudget.Policy(
        share: .random(in: 0...1, using: &random), window: [1.0, 10, 60].randomElement(using: &random) ?? 10,
        perSecond: .random(in: 0...3, using: &random))
      var budget = RetryBudget(policy: policy)
      var now = Double.random(in: -1000...1000, using: &random)
      var deposits: [Double] = []
      var withdrawals: [Double] = []
      for _ in 0..<200 {
        now += .random(in: 0...0.04, using: &random) * policy.window
        if Bool.random(using: &random) {
          budget.deposit(at: now)
          deposits.append(now)
          continue
        }
        guard budget.withdraw(at: now) else {
          refused += 1
          // What is surely within the window was not enough.
          let surely = Double(deposits.count { $0 > now - policy.window * 0.9 })
          let perhaps = Double(withdrawals.count { $0 >= now - policy.window })
          let least = policy.perSecond * policy.window + policy.share * surely - perhaps
          #expect(least < 1, "seed \(seed): refused with \(least)")
          continue
        }
        granted += 1
        withdrawals.append(now)
        // A window may be short of a slice, a tenth.
        let recent = Double(withdrawals.count { $0 > now - policy.window * 0.9 })
        let paid = policy.share * Double(deposits.count { $0 >= now - policy.window })
        #expect(
          recent <= policy.perSecond * policy.window + paid + 1e-6, "seed \(seed): \(recent) at \(now)")
      }
    }
    #expect(granted > 5000)
    #expect(refused > 5000)
  }
}
