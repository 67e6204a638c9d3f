/// The earliest instant at which some exchange may be overdue; possibly too early, never too late.
///
/// Not thread-safe: it belongs to the loop's thread, as do the exchanges that report to it.
final class DeadlineWatch {
  private(set) var next: SteadyInstant?
  /// When the loop last looked at its clock, once for all that a turn brings: what a reply's pieces are dated by.
  private(set) var now = SteadyInstant.now

  /// Takes the time.
  func look(at instant: SteadyInstant = .now) { now = instant }

  /// Something may be overdue at `instant`.
  func note(_ instant: SteadyInstant) {
    next = next.map { min($0, instant) } ?? instant
  }

  /// Whether to look at every exchange now. If so, the watch starts anew, and each of them is to be noted
  /// again.
  func isDue() -> Bool {
    guard let next, next <= now else { return false }
    self.next = nil
    return true
  }
}
