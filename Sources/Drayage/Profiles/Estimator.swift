public import DrayageCore
internal import DrayageProfiles

/// Predicts what an offer will do for a request: cost by its tariff, quality, tokens and time by profiles.
///
/// Output tokens are those of the request's own row in the scored table, else by recorded answers of the model,
/// else the table's mean, else a prior, else the limit on output.
public struct Estimator: Sendable {
  /// What to expect of each model.
  public let profile: TableProfile
  /// Seconds after which an answer counts as missed; `nil` if it never does.
  public let deadline: Double?
  private var forecasts: Forecasts

  /// An estimator.
  ///
  /// - Parameters:
  ///   - services: how long answers are and how fast they come.
  ///   - deadline: seconds after which an answer counts as missed. An offer whose latency is not known can
  ///     then serve no request.
  public init(profile: TableProfile, services: ServiceProfiles = ServiceProfiles(), deadline: Double? = nil) {
    self.profile = profile
    self.deadline = deadline
    forecasts = Forecasts(services)
  }

  /// What the bills of a model say about estimates of its input; nil if there are none.
  func correction(model: String) -> TokenCorrection? { forecasts.services.corrections[model] }

  /// What an answer is expected to be, whatever it costs.
  struct Outlook: Sendable {
    /// The most output tokens that it was formed for.
    let cap: Int
    let quality: Double
    let outputTokens: Double
    var missProbability = 0.0
  }

  /// What an offer is expected to answer.
  ///
  /// It is the same for all requests of a workload and a cap, except for those that the profile knows by their id.
  ///
  /// - Parameters:
  ///   - model: the offer's model, a position in the profile; `nil` if the profile does not know it.
  ///   - cap: the most output tokens.
  /// - Throws: why nothing can be expected.
  mutating func outlook(
    _ request: Request, at offer: Offer, model: Int?, cap: Int, on instant: UTCInstant
  ) throws(Rejection) -> Outlook {
    guard let model,
      let expected = profile.expectation(model: model, workload: request.workload, request: request.id)
    else { throw .noEstimate }
    var outlook = Outlook(
      cap: cap, quality: expected.quality,
      outputTokens: outputTokens(request, upTo: cap, expected, offer, instant))
    guard let deadline else { return outlook }
    let miss = forecasts.missProbability(
      offer, workload: request.workload, cap: cap, deadline: deadline, at: instant)
    switch miss {
    case .known(let probability, weight: _): outlook.missProbability = probability
    case .unknown(let why): throw .noLatency(why.description)
    }
    return outlook
  }

  /// What an offer is expected to do for a request at the prices of `instant`, with a ceiling of zero.
  ///
  /// - Throws: why the offer has no price.
  func estimate(
    _ request: Request, at offer: Offer, _ outlook: Outlook, _ prices: inout OfferPrices,
    on instant: UTCInstant
  ) throws(Rejection) -> Estimate {
    // The largest limit of all does not survive the way through a double.
    let output = Int(exactly: outlook.outputTokens.rounded(.up)) ?? outlook.cap
    do {
      return Estimate(
        cost: try prices.cost(of: offer, input: request.inputTokens, output: output, at: instant),
        ceiling: .zero, quality: outlook.quality, missProbability: outlook.missProbability,
        inputTokens: Double(request.inputTokens), outputTokens: outlook.outputTokens)
    } catch {
      throw .noPrice(error)
    }
  }

  private mutating func outputTokens(
    _ request: Request, upTo cap: Int, _ expected: TableProfile.Expectation, _ offer: Offer,
    _ instant: UTCInstant
  ) -> Double {
    let most = Double(cap)
    if expected.isOwnRow, let own = expected.outputTokens { return min(most, own) }
    let forecast = forecasts.outputTokens(
      offer, workload: request.workload, cap: cap, at: instant)
    if let forecast, forecast.isRecorded { return min(most, forecast.mean) }
    return min(most, expected.outputTokens ?? forecast?.mean ?? most)
  }

  /// The estimates of every offer for every request: the input of a plan.
  ///
  /// - Parameters:
  ///   - requests: those without an id are named by their number, from `#1`; ids must be unique.
  ///   - offers: in the order in which the table shall have them.
  ///   - inJobs: whether the requests may wait for a job of a batch service.
  ///   - inputTokens: what a request is expected to count at an offer; by default the request's own number.
  ///   - rejection: why an offer, by its place, cannot serve a request for reasons of the caller's own; `nil` if
  ///     it can.
  ///   - maxOutputTokens: the limit on output for a request at an offer; `nil` if there is none, which makes
  ///     the offer ineligible. By default the request's own.
  /// - Returns: the table, and for each offer that cannot serve some request the first reason.
  package func table(
    _ requests: [Request], offers: [Offer], at instant: UTCInstant, inJobs: Bool = false,
    inputTokens: ((Int, Offer) -> Int)? = nil, rejection: ((Int, Int) -> Rejection?)? = nil,
    maxOutputTokens: (Int, Offer) -> Int?
  ) -> (table: EstimateTable, rejections: [OfferID: Rejection]) {
    let (n, m) = (requests.count, offers.count)
    var workloads: [String] = []
    var positions: [String: Int] = [:]
    let workloadOf = requests.map { request in
      if let known = positions[request.workload] { return known }
      positions[request.workload] = workloads.count
      workloads.append(request.workload)
      return workloads.count - 1
    }
    var eligible = Array(repeating: false, count: n * m)
    var cost = Array(repeating: Int64(0), count: n * m)
    var quality = Array(repeating: 0.0, count: n * m)
    var tokens = Array(repeating: 0.0, count: n * m)
    var inputs = tokens
    var miss = deadline.map { _ in Array(repeating: 0.0, count: n * m) }
    var estimator = self
    var rejections: [OfferID: Rejection] = [:]
    for (j, offer) in offers.enumerated() {
      let model = profile.model(of: offer)
      var prices = OfferPrices()
      for (i, request) in requests.enumerated() {
        do throws(Rejection) {
          if let rejection = rejection?(i, j) { throw rejection }
          guard let most = maxOutputTokens(i, offer) else { throw .unboundedOutput }
          var request = request
          request.maxOutputTokens = most
          if let inputTokens { request.inputTokens = inputTokens(i, offer) }
          let rejection =
            inJobs
            ? offer.rejectionInJob(of: request, at: instant) : offer.rejection(of: request, at: instant)
          if let rejection { throw rejection }
          let outlook = try estimator.outlook(request, at: offer, model: model, cap: most, on: instant)
          let estimate = try estimator.estimate(request, at: offer, outlook, &prices, on: instant)
          eligible[j * n + i] = true
          cost[j * n + i] = estimate.cost.nanodollars
          quality[j * n + i] = estimate.quality
          tokens[j * n + i] = estimate.inputTokens + estimate.outputTokens
          inputs[j * n + i] = estimate.inputTokens
          miss?[j * n + i] = estimate.missProbability
        } catch {
          rejections[offer.id] = rejections[offer.id] ?? error
        }
      }
    }
    let table = EstimateTable(
      requests: requests.enumerated().map { $1.id ?? "#\($0 + 1)" }, workloads: workloads,
      workloadOf: workloadOf, offers: offers.map(\.id.description), providers: offers.map(\.provider),
      eligible: eligible, cost: cost, quality: quality, miss: miss,
      tokens: tokens, inputTokens: inputs)
    return (table, rejections)
  }

  /// The estimates of every offer for every request: the input of a plan.
  public func table(_ requests: [Request], offers: [Offer], at instant: UTCInstant = .now) -> EstimateTable {
    table(requests, offers: offers, at: instant) { i, offer in offer.outputLimit(for: requests[i]) }.table
  }
}
