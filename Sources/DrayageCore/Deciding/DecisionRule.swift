/// Ranks offers for one request: least score first, ties to the offer most behind its share, then to the cheaper one, then to the one
/// with fewer requests under way.
public struct DecisionRule: Sendable {
  /// The prices and shares.
  public let book: PriceBook
  /// How many requests of each workload went to each offer so far: `workload * offers.count + offer`.
  public private(set) var served: [Int]
  private var servedOfWorkload: [Int]

  /// A rule with no history.
  public init(book: PriceBook) {
    self.book = book
    served = Array(repeating: 0, count: book.weights.count)
    servedOfWorkload = Array(repeating: 0, count: book.workloads.count)
  }

  /// One offer that may serve the request.
  public struct Candidate: Hashable, Sendable {
    /// Its position in the price book. Several sellers of one model may share it.
    public let offer: Int
    /// Its place among the estimates that were ranked.
    public let place: Int
    /// What it is expected to do.
    public let estimate: Estimate
    /// Its score.
    public let score: Double
  }

  /// The candidates, best first.
  ///
  /// - Parameters:
  ///   - workload: a position in the price book.
  ///   - estimates: what each eligible offer, by position, is expected to do.
  ///   - outstanding: how many requests are under way at one of them, by its place among them; none if left out.
  /// - Complexity: O(m log m) in the number of estimates.
  public func rank(
    workload: Int, estimates: [(offer: Int, estimate: Estimate)], outstanding: (Int) -> Int = { _ in 0 }
  ) -> [Candidate] {
    var ranked = estimates.indices.map { place in
      candidate(estimates[place].estimate, workload: workload, offer: estimates[place].offer, place: place)
    }
    rank(&ranked, workload: workload, outstanding: outstanding)
    return ranked
  }

  /// An offer that may serve a request.
  ///
  /// - Parameter place: a number of the caller's own, each once; ties go to the least.
  package func candidate(_ estimate: Estimate, workload: Int, offer: Int, place: Int) -> Candidate {
    Candidate(
      offer: offer, place: place, estimate: estimate,
      score: book.score(estimate, workload: workload, offer: offer))
  }

  /// The same for candidates that are made already.
  package func rank(_ ranked: inout [Candidate], workload: Int, outstanding: (Int) -> Int) {
    ranked.sort { ($0.score, $0.estimate.cost, $0.place) < ($1.score, $1.estimate.cost, $1.place) }
    guard let best = ranked.first else { return }
    let ties = ranked.prefix { $0.score <= best.score + book.tieTolerance }.count
    guard ties > 1 else { return }
    let head = ranked[..<ties].sorted { a, b in
      let (behindA, behindB) = (lag(workload, a.offer), lag(workload, b.offer))
      if behindA != behindB { return behindA > behindB }
      let (busyA, busyB) = (outstanding(a.place), outstanding(b.place))
      return (a.estimate.cost, busyA, a.place) < (b.estimate.cost, busyB, b.place)
    }
    ranked.replaceSubrange(..<ties, with: head)
  }

  /// By how many requests an offer is behind its share of a workload, counting the request at hand. Offers without a share come last,
  /// equal among themselves, so that the cheaper of them wins and not the one less used.
  private func lag(_ workload: Int, _ offer: Int) -> Double {
    let at = workload * book.offers.count + offer
    guard book.shares[at] > 0 else { return -.infinity }
    return book.shares[at] * Double(servedOfWorkload[workload] + 1) - Double(served[at])
  }

  /// Counts a request as given to an offer.
  public mutating func serve(workload: Int, offer: Int) {
    served[workload * book.offers.count + offer] += 1
    servedOfWorkload[workload] += 1
  }
}
