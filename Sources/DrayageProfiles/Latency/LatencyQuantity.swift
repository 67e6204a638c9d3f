/// What is measured of an offer's speed, with how such figures spread and drift.
///
/// The constants come of public statistics of August 2026: 1,078 endpoints for spreads, repeated daily for
/// drifts, 171 models for the spread of speed within a day.
public enum LatencyQuantity: String, Hashable, CaseIterable, Sendable {
  /// Seconds from sending the request to the first token.
  case firstToken = "first_token"
  /// Tokens per second after the first one.
  case speed

  /// The standard deviation by which the logarithm of the median moves in a day.
  public var dailyDrift: Double { self == .firstToken ? 0.26 : 0.31 }

  /// The standard deviation of the logarithm of the median from one offer to another: no drift leads further.
  public var marketDeviation: Double { self == .firstToken ? 0.84 : 0.71 }

  /// d(logarithm) / d(log-odds) within a day: a p90 of 2.4 times the median for the first token, 1.25 times
  /// for speed.
  public var typicalSlope: Double { self == .firstToken ? 0.40 : 0.10 }

  /// Days in which records lose half of their weight unless said otherwise.
  ///
  /// For the first token this is the steady-state gain of a Kalman filter for such a drift at one record a
  /// day; for speed that would be half a day, too short for what goes up and down daily.
  public var defaultHalfLife: Double { self == .firstToken ? 2.5 : 1 }

  /// By how much the logarithm of a median has moved after some days, as a variance: a random walk in a
  /// market that holds it back (Ornstein-Uhlenbeck),
  ///
  ///     v(t) = M² (1 - exp(-d² t / M²)),
  ///
  /// about d² t at first and M² in the end, with d the ``dailyDrift`` and M the ``marketDeviation``.
  ///
  /// - Parameter days: 0 or more.
  public func driftVariance(days: Double) -> Double {
    let most = marketDeviation * marketDeviation
    return most * (1 - ElementaryFunctions.exponential(-dailyDrift * dailyDrift * max(days, 0) / most))
  }
}
