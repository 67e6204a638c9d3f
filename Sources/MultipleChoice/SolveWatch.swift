import LinearOptimization
import Synchronization

/// Whether a solve should stop, and what it has to tell: the time limit, the caller's wish, the passes so far.
final class SolveWatch: Sendable {
  let deadline: Deadline
  private let progress: (@Sendable (ChoiceProgress) -> Bool)?
  private let state: Mutex<State>
  private let parent: SolveWatch?

  private struct State {
    var passes = 0.0
    var isCancelled = false
    var bound: Double?
    var value: Double?
  }

  convenience init(_ deadline: Deadline, progress: (@Sendable (ChoiceProgress) -> Bool)?) {
    self.init(deadline, progress: progress, parent: nil)
  }

  private init(
    _ deadline: Deadline, progress: (@Sendable (ChoiceProgress) -> Bool)?, parent: SolveWatch?
  ) {
    self.deadline = deadline
    self.progress = progress
    self.parent = parent
    state = Mutex(State())
  }

  /// A watch with the same deadline whose solves are of other problems than the one that was asked about: it
  /// tells nothing, and its passes count here.
  var quiet: SolveWatch { SolveWatch(deadline, progress: nil, parent: self) }

  /// The same with no more than so many seconds.
  func quiet(seconds: Double) -> SolveWatch {
    SolveWatch(
      Deadline(seconds: min(seconds, deadline.remaining(otherwise: seconds))), progress: nil, parent: self)
  }

  /// Passes over all pairs so far; a pass over a part counts as that part.
  var passes: Double { state.withLock { $0.passes } }

  /// Counts a pass over a part of all groups.
  func count(_ fraction: Double) {
    state.withLock { $0.passes += fraction }
    parent?.count(fraction)
    // Even a solve of which nothing is told can be stopped.
    parent?.report(bound: nil, value: nil)
  }

  /// Whether the time is over, the task cancelled, or the caller has said to stop.
  var shouldStop: Bool {
    deadline.hasPassed || state.withLock { $0.isCancelled } || Task.isCancelled || parent?.shouldStop ?? false
  }

  /// Tells the caller what is known; `nil` leaves what was told before.
  func report(bound: Double?, value: Double?) {
    guard let progress else { return }
    let told = state.withLock { state in
      state.bound = bound ?? state.bound
      state.value = value ?? state.value
      return ChoiceProgress(passes: state.passes, bound: state.bound, value: state.value)
    }
    if !progress(told) { state.withLock { $0.isCancelled = true } }
  }
}

/// How far a solve has come.
public struct ChoiceProgress: Sendable {
  /// Passes over all pairs so far; one over a sample counts as its part.
  public let passes: Double
  /// No assignment is better than this, in the problem's units; `nil` before the first pass over all pairs.
  public let bound: Double?
  /// The value of the linear relaxation, once there is one; `nil` before.
  public let value: Double?
}
