#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the bills of one model say about its estimates: a running ratio of billed to estimated tokens.
///
/// Every observation lowers the weight of those before it by ``decay``, so that about the last 50 count. The
/// ratio is that of the sums, so long texts count for more, as they do on the bill. The spread is the
/// standard deviation of the logarithms of the ratios. Before the first bills, and with few, it leans on what
/// was measured for all models.
public struct TokenCorrection: Sendable, Hashable {
  /// The weight of an observation relative to the one after it.
  public static let decay = 0.98
  /// As many observations as the prior counts for.
  static let priorWeight = 4.0
  /// The standard deviation of the logarithm before anything is known: it puts 1 in 100 texts above 1.4.
  static let priorDeviation = 0.144

  /// How many bills were observed.
  public private(set) var count: Int
  private(set) var weight: Double
  private(set) var billed: Double
  private(set) var estimated: Double
  private(set) var logarithms: Double
  private(set) var squares: Double
  /// The largest ratio of billed tokens to the bound, at least 1. Above 1 the family's assumptions are wrong.
  public private(set) var worstOverBound: Double

  /// Nothing observed.
  public init() {
    count = 0
    weight = 0
    billed = 0
    estimated = 0
    logarithms = 0
    squares = 0
    worstOverBound = 1
  }

  init(
    count: Int, weight: Double, billed: Double, estimated: Double, logarithms: Double, squares: Double,
    worstOverBound: Double
  ) {
    self.count = count
    self.weight = weight
    self.billed = billed
    self.estimated = estimated
    self.logarithms = logarithms
    self.squares = squares
    self.worstOverBound = worstOverBound
  }

  /// Observes a bill. Bills or estimates of less than one token say nothing and are passed over; ratios
  /// beyond 16 either way count as 16, for a single absurd bill should not undo what is known.
  public mutating func observe(billed tokens: Int, estimate: TokenEstimate) {
    guard tokens > 0, estimate.expected > 0 else { return }
    let ratio = min(16, max(1 / 16, Double(tokens) / Double(estimate.expected)))
    let logarithm = log(ratio)
    weight = weight * TokenCorrection.decay + 1
    billed = billed * TokenCorrection.decay + ratio * Double(estimate.expected)
    estimated = estimated * TokenCorrection.decay + Double(estimate.expected)
    logarithms = logarithms * TokenCorrection.decay + logarithm
    squares = squares * TokenCorrection.decay + logarithm * logarithm
    worstOverBound = max(worstOverBound, min(16, Double(tokens) / Double(max(1, estimate.bound))))
    if count < .max { count += 1 }
  }

  /// Billed over estimated tokens; 1 when nothing was observed.
  public var ratio: Double {
    if weight == 0 || estimated == 0 { return 1 }
    let prior = TokenCorrection.priorWeight * estimated / weight
    return (billed + prior) / (estimated + prior)
  }

  /// The standard deviation of the logarithm of billed over estimated tokens.
  public var deviation: Double {
    let total = weight + TokenCorrection.priorWeight
    let mean = logarithms / total
    let prior = TokenCorrection.priorWeight * TokenCorrection.priorDeviation * TokenCorrection.priorDeviation
    return max(0, (squares + prior) / total - mean * mean).squareRoot()
  }

  /// Billed over estimated tokens that a share of the texts stays below, were the logarithms normal.
  ///
  /// - Parameter deviations: the quantile of the standard normal distribution; 2.326 for 99 %.
  public func upperRatio(deviations: Double = 2.326) -> Double {
    let total = weight + TokenCorrection.priorWeight
    let typical = exp(logarithms / total + deviations * deviation)
    return max(ratio, typical)
  }

  /// The estimate that the bills lead to expect.
  ///
  /// The bound stays what it is unless a bill exceeded one: then it is raised by as much.
  public func corrected(_ estimate: TokenEstimate) -> TokenEstimate {
    if count == 0 { return estimate }
    let bound = TokenCorrection.scaled(estimate.bound, worstOverBound)
    let expected = min(bound, TokenCorrection.scaled(estimate.expected, ratio))
    let high = min(bound, TokenCorrection.scaled(estimate.expected, upperRatio()))
    return TokenEstimate(expected: expected, high: high, bound: bound)
  }

  private static func scaled(_ tokens: Int, _ factor: Double) -> Int {
    let product = (Double(tokens) * factor).rounded(.up)
    return product < 9e18 ? max(tokens > 0 ? 1 : 0, Int(product)) : .max
  }

  /// Adds what another instance observed, as if at the same time.
  public mutating func merge(_ other: TokenCorrection) {
    let (sum, overflow) = count.addingReportingOverflow(other.count)
    count = overflow ? .max : sum
    weight += other.weight
    billed += other.billed
    estimated += other.estimated
    logarithms += other.logarithms
    squares += other.squares
    worstOverBound = max(worstOverBound, other.worstOverBound)
  }
}
