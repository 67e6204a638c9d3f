import ArgumentParser
import DrayageCore
import DrayageLedger
import Foundation

/// Reservations and settlements per second.
struct Rate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reserves and settles from so many callers at once, for so many seconds.")

  @OptionGroup var store: StoreOptions
  @Option(help: "Callers at once.") var callers = 64
  @Option(help: "Seconds to measure, after one of warm-up.") var seconds = 5
  @Option(help: "Budgets that cover each attempt.") var budgets = 3

  func run() async throws {
    let ledger = try await store.open()
    _ = try await ledger.setBudgets(
      (0..<budgets).map {
        Budget(name: "rate-\($0)", window: .month(zone: "UTC"), limit: .largest)
      })
    _ = try await pairs(on: ledger, seconds: 1)
    let processor = processorSeconds()
    let start = ContinuousClock.now
    let count = try await pairs(on: ledger, seconds: seconds)
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let microseconds = (processorSeconds() - processor) / Double(2 * count) * 1e6
    print(
      "\(store.name), \(callers) at once, \(budgets) budgets: "
        + "\(Int(Double(2 * count) / elapsed)) durable operations/s, "
        + "\(Int(microseconds)) us of CPU each in this process")
    await ledger.close()
  }

  /// Reserves and settles until the time is over; returns how often.
  private func pairs(on ledger: DurableLedger, seconds: Int) async throws -> Int {
    let run = UUID().uuidString
    let end = ContinuousClock.now + .seconds(seconds)
    let now = UTCInstant(secondsSince1970: Int64(Date().timeIntervalSince1970))
    let spending = Spending(key: "k", workload: "chat", tags: ["nightly"], provider: "openai")
    let payload = Array(repeating: UInt8(7), count: 120)
    return try await withThrowingTaskGroup(of: Int.self) { group in
      for caller in 0..<callers {
        group.addTask {
          var count = 0
          while ContinuousClock.now < end {
            count += 1
            let key = ReservationKey(
              run: run, attempt: AttemptID(request: "row-\(caller)", ordinal: count))
            let request = ReservationRequest(
              key: key, ceiling: Money(nanodollars: 1_000), spending: spending, payload: payload)
            guard try await ledger.reserve(request, at: now) == .held else {
              throw ValidationError("a reservation is refused; start with an empty store")
            }
            _ = try await ledger.settle(key, as: .metered(Money(nanodollars: 700)), at: now)
          }
          return count
        }
      }
      return try await group.reduce(0, +)
    }
  }
}
