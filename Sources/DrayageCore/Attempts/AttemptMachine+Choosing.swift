extension AttemptMachine {
  /// What to do after something ended at `place`.
  mutating func proceed(from place: Int) -> Action {
    guard underWay.isEmpty else { return .wait }
    if let finalFailure { return .giveUp(finalFailure) }
    guard attempts < policy.attempts else { return .giveUp(lastFailure) }
    if !places[place].isExhausted, isReady(place, within: min(policy.patience, policy.longestWait)) {
      return attempt(place)
    }
    if let free = firstReady(where: { _ in true }) { return attempt(free) }
    let open = places.indices.filter { !places[$0].isExhausted }
    guard let earliest = open.min(by: { places[$0].readyAt < places[$1].readyAt }),
      isReady(earliest, within: policy.longestWait)
    else { return .giveUp(lastFailure) }
    return attempt(earliest)
  }

  /// A second attempt beside the one under way, where nothing is shared with it.
  func hedge() -> Action {
    guard policy.hedge, underWay.count == 1, finalFailure == nil, attempts + 1 < policy.attempts,
      let place = firstReady(where: { chain[$0].domain != chain[underWay[0]].domain })
    else { return .wait }
    return attempt(place)
  }

  /// The first place that is free now, one of a domain in which nothing failed before the others.
  private func firstReady(where isWanted: (Int) -> Bool) -> Int? {
    let ready = places.indices.filter { !places[$0].isExhausted && isReady($0, within: 0) && isWanted($0) }
    return ready.first { !failedDomains.contains(chain[$0].domain) } ?? ready.first
  }

  /// Whether a place may be tried in so many seconds from now; what never may is not ready within infinity
  /// either.
  private func isReady(_ place: Int, within seconds: Double) -> Bool {
    places[place].readyAt < .infinity && places[place].readyAt <= clock + seconds
  }

  private func attempt(_ place: Int) -> Action {
    .attempt(place, after: max(0, places[place].readyAt - clock))
  }
}
