internal import Foundation

/// Gathers the operations of many callers while a commit is under way and does all of them in the next one.
/// Each caller goes on once its own operation is durable.
///
/// `@unchecked Sendable`: `state` is reached under `lock`; the engine and the calendar only on `queue`.
final class GroupCommit: @unchecked Sendable {
  /// How many operations may wait; more are refused.
  static let bound = 16_384
  /// How many operations one transaction takes.
  static let largestGroup = 1_024

  private typealias Waiter = CheckedContinuation<LedgerAnswer, any Error>

  private struct State {
    var operations: [LedgerOperation] = []
    var waiters: [Waiter] = []
    var committing = false
    var closed = false
  }

  let store: String
  private let engine: any LedgerEngine
  private var calendar = BudgetCalendar()
  private let queue = DispatchQueue(label: "drayage.ledger")
  private let lock = NSLock()
  private var state = State()

  init(_ engine: any LedgerEngine) {
    self.engine = engine
    store = engine.store
  }

  deinit {
    engine.close()
  }

  /// Does `operation`, and returns once it is durable. A cancelled caller waits all the same: what is under
  /// way must not be left in doubt.
  ///
  /// - Throws: ``LedgerStoreError``.
  func submit(_ operation: LedgerOperation) async throws -> LedgerAnswer {
    try await withCheckedThrowingContinuation { (waiter: Waiter) in
      let (refusal, schedule) = lock.withLock { () -> (LedgerStoreError?, Bool) in
        if state.closed {
          return (LedgerStoreError(.closed, store, "this ledger was closed; open it anew"), false)
        }
        guard state.operations.count < Self.bound else {
          let message = "\(Self.bound) operations wait already; send fewer requests at a time"
          return (LedgerStoreError(.overloaded, store, message), false)
        }
        state.operations.append(operation)
        state.waiters.append(waiter)
        defer { state.committing = true }
        return (nil, !state.committing)
      }
      if let refusal { waiter.resume(throwing: refusal) }
      if schedule { queue.async { self.commit() } }
    }
  }

  /// Does what waits already, then lets go of the store.
  func close() async {
    lock.withLock { state.closed = true }
    await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
      queue.async {
        while self.lock.withLock({ !self.state.operations.isEmpty }) { self.commitGroup() }
        self.engine.close()
        waiter.resume()
      }
    }
  }

  private func commit() {
    commitGroup()
    let more = lock.withLock {
      state.committing = !state.operations.isEmpty
      return state.committing
    }
    if more { queue.async { self.commit() } }
  }

  private func commitGroup() {
    let (operations, waiters) = lock.withLock {
      let count = min(state.operations.count, Self.largestGroup)
      defer {
        state.operations.removeFirst(count)
        state.waiters.removeFirst(count)
      }
      return (Array(state.operations.prefix(count)), Array(state.waiters.prefix(count)))
    }
    guard !operations.isEmpty else { return }
    let answers = engine.perform(operations, calendar: &calendar)
    for (waiter, answer) in zip(waiters, answers) { waiter.resume(with: answer) }
  }
}
