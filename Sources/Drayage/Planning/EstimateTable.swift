/// What every offer is expected to do for every request: the input of a plan.
///
/// Columns are option-major: the entry of request `i` at offer `j` stands at index `j * requests.count + i`.
/// An ineligible pair's other entries are ignored.
public struct EstimateTable: Sendable {
  /// Request ids, unique.
  public let requests: [String]
  /// Workload names.
  public let workloads: [String]
  /// The workload of each request, an index into ``workloads``.
  public let workloadOf: [Int]
  /// Offer names, unique.
  public let offers: [String]
  /// The provider of each offer.
  public let providers: [String]
  /// Whether an offer can serve a request.
  public let eligible: [Bool]
  /// Expected cost in nano-dollars.
  public let cost: [Int64]
  /// Expected quality.
  public let quality: [Double]
  /// Probability of missing the deadline, if there is a deadline.
  public let miss: [Double]?
  /// Expected input and output tokens together, if known; NaN where a single one is not.
  public let tokens: [Double]?
  /// Of these, the input tokens.
  public let inputTokens: [Double]?
  /// How many requests each one stands for, above 0: a sample of a workload speaks for all of it. `nil` if each
  /// speaks for itself.
  public let weights: [Double]?

  /// A table.
  ///
  /// - Precondition: every column has `requests.count * offers.count` entries.
  public init(
    requests: [String], workloads: [String], workloadOf: [Int], offers: [String], providers: [String],
    eligible: [Bool], cost: [Int64], quality: [Double], miss: [Double]? = nil, tokens: [Double]? = nil,
    inputTokens: [Double]? = nil, weights: [Double]? = nil
  ) {
    let cells = requests.count * offers.count
    precondition(workloadOf.count == requests.count && providers.count == offers.count)
    precondition(eligible.count == cells && cost.count == cells && quality.count == cells)
    precondition((miss?.count ?? cells) == cells && (tokens?.count ?? cells) == cells)
    precondition((inputTokens?.count ?? cells) == cells)
    precondition((weights?.count ?? requests.count) == requests.count)
    self.requests = requests
    self.workloads = workloads
    self.workloadOf = workloadOf
    self.offers = offers
    self.providers = providers
    self.eligible = eligible
    self.cost = cost
    self.quality = quality
    self.miss = miss
    self.tokens = tokens
    self.inputTokens = inputTokens
    self.weights = weights
  }

  /// How many requests the one at `i` stands for.
  func weight(_ i: Int) -> Double { weights?[i] ?? 1 }

  /// How many requests all stand for.
  var totalWeight: Double { weights?.reduce(0, +) ?? Double(requests.count) }

  /// The index of request `i` at offer `j`.
  func index(_ i: Int, _ j: Int) -> Int { j * requests.count + i }
}
