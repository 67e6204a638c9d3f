import ArgumentParser
import DrayageCore
import DrayageLedger

/// Rounds of one reservation too many.
struct Race: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "64 reservations at once for a budget that fits 63, in rounds; fails if ever more are held.")

  @OptionGroup var store: StoreOptions
  @Option(help: "Rounds; each is a day of the calendar, so at most 2,900,000 in one store.")
  var rounds = 10_000
  @Option(help: "Connections to the store that the callers are spread over.") var stores = 1

  func run() async throws {
    var ledgers: [DurableLedger] = []
    for _ in 0..<stores { ledgers.append(try await store.open()) }
    let spread = ledgers
    _ = try await spread[0].setBudgets([
      Budget(name: "race", window: .day(zone: "UTC"), limit: Money(nanodollars: 63))
    ])
    let spending = Spending(workload: "chat", provider: "openai")
    let start = ContinuousClock.now
    for round in 0..<rounds {
      let time = UTCInstant(secondsSince1970: Int64(round) * 86_400)
      let held = try await withThrowingTaskGroup(of: Bool.self) { group in
        for caller in 0..<64 {
          group.addTask {
            let attempt = AttemptID(request: "r\(round)", ordinal: caller + 1)
            let request = ReservationRequest(
              key: ReservationKey(run: "race", attempt: attempt), ceiling: Money(nanodollars: 1),
              spending: spending)
            return try await spread[caller % spread.count].reserve(request, at: time) == .held
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      guard held == 63 else { throw ValidationError("round \(round): \(held) of 63 held") }
    }
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    print(
      "\(store.name), \(stores) connections: \(rounds) rounds of 64, 63 held in each, "
        + "\(Int(elapsed / Double(rounds) * 1e6)) us a round")
    for ledger in spread { await ledger.close() }
  }
}
