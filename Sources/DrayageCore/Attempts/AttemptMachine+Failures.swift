extension AttemptMachine {
  /// Notes what a failure means for its place and for the others.
  mutating func fail(
    at place: Int, _ failure: FailureClass, retryAfter: Double?, repeatable: Bool, jitter: Double
  ) {
    let meaning = failure.meaning
    attempts += 1
    places[place].attempts += 1
    lastFailure = failure
    if meaning.fallBack == .none { finalFailure = failure }
    // A context too short says nothing about the provider.
    if meaning.fallBack != .largerContext { failedDomains.insert(chain[place].domain) }

    let wait = max(asked(retryAfter), backoff(after: places[place].attempts, jitter: jitter))
    // To repeat what may be billed already costs nothing more, unless it would fail alike.
    let repeats = repeatable && meaning.mayBeBilled && meaning.transient && meaning.fallBack != .none
    if meaning.retrySameOffer || repeats, places[place].attempts < policy.attemptsPerOffer {
      postpone(place, by: wait)
    } else {
      places[place].isExhausted = true
    }
    if meaning.reach == .domain {
      for other in chain.indices where other != place && chain[other].domain == chain[place].domain {
        if meaning.retrySameOffer {
          postpone(other, by: wait)
        } else {
          places[other].isExhausted = true
        }
      }
    }
    if meaning.fallBack == .largerContext, let tooShort = chain[place].context {
      for other in chain.indices where chain[other].context.map({ $0 <= tooShort }) ?? false {
        places[other].isExhausted = true
      }
    }
  }

  /// Keeps a place from being tried for so many seconds from now; one that is no number, for good.
  mutating func postpone(_ place: Int, by seconds: Double) {
    places[place].readyAt = max(places[place].readyAt, clock + asked(seconds))
  }

  /// Seconds, 0 or more.
  private func asked(_ seconds: Double?) -> Double {
    guard let seconds else { return 0 }
    return seconds.isNaN ? .infinity : max(0, seconds)
  }

  /// Full jitter: a share of an exponentially growing wait. `attempts` is 1 or more.
  private func backoff(after attempts: Int, jitter: Double) -> Double {
    let doublings = min(attempts - 1, 30)
    let full = min(policy.longestBackoff, policy.firstBackoff * Double(1 << doublings))
    return jitter > 0 ? full * min(jitter, 1) : 0
  }
}
