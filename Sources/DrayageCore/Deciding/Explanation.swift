/// A decision as an itemized bill: what each constraint adds to the score of each offer, and why the others were rejected.
public struct Explanation: Hashable, Sendable {
  /// One offer's score, in its parts.
  public struct Line: Hashable, Sendable {
    /// The offer's name.
    public let offer: String
    /// Expected cost, at the weight of money.
    public let tariff: Double
    /// The price of quotas and shares.
    public let capacity: Double
    /// The price of missing the deadline.
    public let deadline: Double
    /// The worth of the expected quality: zero or less.
    public let quality: Double
    /// The sum of the above: the score.
    public var total: Double { tariff + capacity + deadline + quality }
  }

  /// An offer that could not serve the request, and why.
  public struct Refusal: Hashable, Sendable {
    /// The offer's name.
    public let offer: String
    /// Why not.
    public let rejection: Rejection

    package init(offer: String, rejection: Rejection) {
      self.offer = offer
      self.rejection = rejection
    }
  }

  /// What the figures are counted in.
  public let unit: PriceBook.Unit
  /// The candidates, best first.
  public let lines: [Line]
  /// The others.
  public let refusals: [Refusal]

  /// The bill of a ranking, with the price book's names of offers.
  public init(
    _ ranking: [DecisionRule.Candidate], workload: Int, book: PriceBook, refusals: [Refusal] = []
  ) {
    self.init(ranking, workload: workload, book: book, refusals: refusals) { book.offers[$0.offer] }
  }

  /// The bill of a ranking.
  ///
  /// - Parameter name: of the offer of a candidate.
  public init(
    _ ranking: [DecisionRule.Candidate], workload: Int, book: PriceBook, refusals: [Refusal] = [],
    name: (DecisionRule.Candidate) -> String
  ) {
    unit = book.unit
    lines = ranking.map { candidate in
      let w = book.weights[workload * book.offers.count + candidate.offer]
      let e = candidate.estimate
      return Line(
        offer: name(candidate), tariff: w.cost * e.cost.dollars,
        capacity: w.request + w.inputToken * e.inputTokens + w.outputToken * e.outputTokens,
        deadline: w.miss * e.missProbability, quality: -w.quality * e.quality)
    }
    self.refusals = refusals
  }
}
