import Drayage
import DrayageCore
import DrayageProfiles

/// How attempts follow one another.
extension Course {
  /// In the caller's task, whose cancellation reaches the attempt.
  nonisolated(nonsending) func oneByOne() async -> Result<Execution, ExecutionError> {
    let started = Self.now
    if Task.isCancelled {
      var standing = standing(reserved: first)
      standing.record.isCancelled = true
      return end(&standing, since: started)
    }
    // Every chain begins with its first offer, at once. Most requests are answered by it, and need no more.
    var (event, made) = await end(of: 0, after: 0, first, as: .first)
    if let execution = made.execution([made.attempt], first.decision, seconds: Self.now - started) {
      return .success(execution)
    }
    let further = Course(beyondFirst: self)
    var standing = standing(reserved: nil)
    while true {
      if made.wasSent { standing.sent(at: made.place) }
      let isPartial = made.partial != nil
      standing.add(made)
      // The caller has a part of this answer: no other one can take its place.
      guard !isPartial, case .attempt(let place, let delay) = standing.next(after: event), !Task.isCancelled
      else { break }
      let (permit, kind) = begin(place, &standing)
      (event, made) = await further.end(of: place, after: delay, permit, as: kind)
    }
    standing.record.isCancelled = Task.isCancelled
    return end(&standing, since: started)
  }

  /// - Parameter isGone: the caller wanted no answer any more before anything was sent.
  func loop(
    _ reports: Reports, isGone: Bool
  ) async -> Result<Execution, ExecutionError> {
    let started = Self.now
    var standing = standing(reserved: first)
    var running: [Int: Task<Void, Never>] = [:]
    var timers: [Task<Void, Never>] = []
    // The number of the sending that is under way at each place: a repetition has the id of what it repeats.
    var sent: [Int: Int] = [:]
    var sendings = 0
    var isOver = false

    func perform(_ action: AttemptMachine.Action) {
      switch action {
      case .attempt(let place, let delay):
        let (permit, kind) = begin(place, &standing)
        running[place] = Task { await attempt(place, after: delay, permit, as: kind) }
      case .wait: break
      case .finish, .giveUp:
        isOver = true
        for task in running.values { task.cancel() }
      }
    }

    if isGone {
      standing.record.isCancelled = true
      return end(&standing, since: started)
    }
    perform(standing.machine.start())
    for await report in reports.stream {
      switch report {
      case .sent(let place):
        standing.sent(at: place)
        sendings += 1
        sent[place] = sendings
        if let wait = hedgeDelay(place) {
          timers.append(
            Task { [sendings] in
              try? await Task.sleep(for: .seconds(wait))
              if !Task.isCancelled { reports.send(.slow(sendings)) }
            })
        }
      case .slow(let sending):
        // Only an attempt that is still silent is slow.
        guard !isOver, speaker == nil, sent.values.contains(sending) else { continue }
        perform(standing.machine.handle(.slow, at: Self.now, jitter: 0))
      case .spoke(let place):
        for (other, task) in running where other != place { task.cancel() }
      case .cancelled:
        standing.record.isCancelled = true
        isOver = true
        for task in running.values { task.cancel() }
      case .ended(let happened, let made):
        running[made.place] = nil
        sent[made.place] = nil
        standing.add(made)
        if !isOver { perform(standing.next(after: happened)) }
        // The caller has a part of this answer: no other one can take its place.
        if made.partial != nil { perform(.giveUp(.interrupted)) }
      }
      if isOver, running.isEmpty { break }
    }
    for timer in timers { timer.cancel() }
    return end(&standing, since: started)
  }

  private func hedgeDelay(_ place: Int) -> Double? {
    switch executor.options.hedge {
    case nil: nil
    case .after(let seconds): seconds.isNaN ? nil : min(max(0, seconds), 1e6)
    case .percentile(let share):
      executor.targetOf[choice(at: place).offer.id].flatMap {
        executor.latency(of: $0, streams: onEvent != nil, share: share)
      }
    }
  }
}

extension Executor {
  /// Takes the seconds until the first token or the whole answer, if hedging asks for them.
  func observe(_ seconds: Double, at target: Int, streams: Bool) {
    guard case .percentile = options.hedge else { return }
    latencies.withLock {
      _ = $0[2 * target + (streams ? 1 : 0)].record(max(seconds, 1e-6), day: Course.now / 86_400)
    }
  }

  /// The time by which a share of the answers of a target had come; nil before ten were seen.
  fileprivate func latency(of target: Int, streams: Bool, share: Double) -> Double? {
    latencies.withLock { latencies in
      let records = latencies[2 * target + (streams ? 1 : 0)]
      guard records.sketch.count >= 10 else { return nil }
      return records.distribution(day: Course.now / 86_400).value?.quantile(share)
    }
  }
}
