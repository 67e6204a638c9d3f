/// The earliest instant at which some exchange may be overdue; possibly too early, never too late.
///
/// Not thread-safe: it belongs to the loop's thread, as do the exchanges that report to it.
final class DeadlineWatch {
  private(set) var next: ContinuousClock.Instant?

  /// Something may be overdue at `instant`.
  func note(_ instant: ContinuousClock.Instant) {
    next = next.map { min($0, instant) } ?? instant
  }

  /// Whether to look at every exchange now. If so, the watch starts anew, and each of them is to be noted
  /// again.
  func isDue(at now: ContinuousClock.Instant) -> Bool {
    guard let next, next <= now else { return false }
    self.next = nil
    return true
  }
}
