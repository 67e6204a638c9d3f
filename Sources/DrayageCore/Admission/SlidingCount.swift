/// Counts what happened within a window that slides with time, a slice at a time.
///
/// A count stands for between `window - window / slices` and `window` seconds. Each call costs O(1), or
/// O(slices) after a pause.
struct SlidingCount: Sendable {
  private let width: Double
  private var slices: [Int]
  private var newest = 0
  /// The number of the newest slice since time 0.
  private var number = -Double.infinity
  private var sum = 0

  /// An empty window of so many seconds, above 0, in so many slices, 1 or more.
  init(window: Double, slices: Int) {
    width = window / Double(slices)
    self.slices = Array(repeating: 0, count: slices)
  }

  /// Counts `count` more.
  mutating func add(_ count: Int, at now: Double) {
    advance(to: now)
    slices[newest] += count
    sum += count
  }

  /// What was counted within the window.
  mutating func total(at now: Double) -> Int {
    advance(to: now)
    return sum
  }

  /// Forgets everything.
  mutating func reset() {
    for slice in slices.indices { slices[slice] = 0 }
    sum = 0
  }

  private mutating func advance(to now: Double) {
    let current = (now / width).rounded(.down)
    guard current > number, current.isFinite else { return }
    if current - number >= Double(slices.count) {
      reset()
    } else {
      for _ in 0..<Int(current - number) {
        newest = (newest + 1) % slices.count
        sum -= slices[newest]
        slices[newest] = 0
      }
    }
    number = current
  }
}
