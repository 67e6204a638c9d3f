import DrayageCore
import DrayageProfiles

/// What service profiles predict, kept for the hour: predictions take thousands of steps and change by the day.
struct Forecasts: Sendable {
  private struct Place: Hashable {
    let offer: OfferID
    let workload: String
  }

  private struct Limited: Hashable {
    let place: Place
    let cap: Int
  }

  let services: ServiceProfiles
  private var hour: Int64 = .min
  private var lengths: [Place: LengthForecast?] = [:]
  private var tokens: [Limited: Double] = [:]
  private var misses: [Limited: Prediction<Double>] = [:]

  /// Workloads and limits come from outside and must not fill the memory.
  private static let most = 20_000

  init(_ services: ServiceProfiles) { self.services = services }

  /// The expected output tokens under a limit of `cap`, and whether answers of the model stand behind them and
  /// not only a prior; `nil` if nothing is known.
  mutating func outputTokens(
    _ offer: Offer, workload: String, cap: Int, at instant: UTCInstant
  ) -> (mean: Double, isRecorded: Bool)? {
    guard cap > 0 else { return (0, true) }
    refresh(instant)
    let place = Place(offer: offer.id, workload: workload)
    guard let forecast = forecast(offer, place, instant) else { return nil }
    let at = Limited(place: place, cap: cap)
    let mean = tokens[at] ?? forecast.tokens(cap: cap).mean
    tokens[at] = mean
    return (mean, forecast.weight + forecast.modelWeight > 0)
  }

  /// The probability that an answer under a limit of `cap` takes longer than `deadline` seconds.
  mutating func missProbability(
    _ offer: Offer, workload: String, cap: Int, deadline: Double, at instant: UTCInstant
  ) -> Prediction<Double> {
    refresh(instant)
    let place = Place(offer: offer.id, workload: workload)
    let at = Limited(place: place, cap: max(cap, 1))
    if let known = misses[at] { return known }
    let prediction: Prediction<Double>
    switch services.latency[offer.id.description]?.completion(
      lengths: forecast(offer, place, instant), cap: at.cap, day: Self.day(instant))
    {
    case nil: prediction = .unknown(.nothingRecorded)
    case .unknown(let why): prediction = .unknown(why)
    case .known(let time, let weight):
      prediction = .known(time.missProbability(deadline: deadline), weight: weight)
    }
    misses[at] = prediction
    return prediction
  }

  private mutating func forecast(_ offer: Offer, _ place: Place, _ instant: UTCInstant) -> LengthForecast? {
    if let known = lengths[place] { return known }
    let forecast = services.lengths.forecast(
      model: .init(offer.model, effort: offer.effort), workload: place.workload, day: Self.day(instant))
    lengths[place] = .some(forecast)
    return forecast
  }

  private mutating func refresh(_ instant: UTCInstant) {
    let hour = instant.secondsSince1970 / 3_600
    guard hour != self.hour || tokens.count + misses.count + lengths.count > Self.most else { return }
    self.hour = hour
    lengths = [:]
    tokens = [:]
    misses = [:]
  }

  private static func day(_ instant: UTCInstant) -> Double {
    let day = Double(instant.secondsSince1970) / 86_400
    return min(max(day, DecayingSketch.days.lowerBound), DecayingSketch.days.upperBound)
  }
}
