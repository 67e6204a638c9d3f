import Drayage

/// The rate limits of one model and what is left of them.
struct ModelLimits: Sendable {
  private var requests: MinuteBucket?
  private var tokens: MinuteBucket?
  private let concurrency: Int?
  private var active = 0

  /// What a request that is refused came up against.
  enum Refusal {
    /// Simulated seconds until there is room.
    case requests(wait: Double), tokens(wait: Double)
    case concurrency
  }

  init(_ limit: RequestLimit?) {
    requests = limit?.requestsPerMinute.map(MinuteBucket.init)
    tokens = limit?.tokensPerMinute.map(MinuteBucket.init)
    concurrency = limit?.concurrency
  }

  /// Lets in a request that will use `count` tokens, or says why not. `now` is nil where rates are not limited.
  mutating func admit(tokens count: Int, at now: Double?) -> Refusal? {
    if let concurrency, active >= concurrency { return .concurrency }
    if let now {
      if let wait = requests?.wait(at: now), wait > 0 { return .requests(wait: wait) }
      if let wait = tokens?.take(count, at: now) { return .tokens(wait: wait) }
      _ = requests?.take(at: now)
    }
    active += 1
    return nil
  }

  /// A request that was let in is over.
  mutating func leave() { active -= 1 }

  /// The limits as replies state them.
  func report(speed: Double, time: Double) -> LimitReport {
    func status(_ bucket: MinuteBucket?) -> LimitReport.Status? {
      bucket.map {
        LimitReport.Status(limit: $0.perMinute, remaining: $0.remaining, reset: $0.secondsToFull / speed)
      }
    }
    return LimitReport(requests: status(requests), tokens: status(tokens), time: time)
  }

  /// The limits of every model.
  ///
  /// - Throws: ``SimulationError`` of code `unknownModel`.
  static func all(
    _ models: [String], _ limits: [RequestLimit]
  ) throws(SimulationError) -> [ModelLimits] {
    var named: [String: RequestLimit] = [:]
    var common: RequestLimit?
    for limit in limits {
      guard let model = limit.model else {
        common = limit
        continue
      }
      guard models.contains(model) else {
        throw SimulationError(
          .unknownModel, "a limit names the model '\(model)'; \(Spelling.advice(for: model, among: models))")
      }
      named[model] = limit
    }
    return models.map { ModelLimits(named[$0] ?? common) }
  }
}

/// Rate limits as a reply states them.
struct LimitReport {
  struct Status {
    let limit: Int
    let remaining: Int
    /// Seconds until the limit is whole again.
    let reset: Double
  }

  let requests: Status?
  let tokens: Status?
  /// Now, in Unix seconds.
  let time: Double
}
