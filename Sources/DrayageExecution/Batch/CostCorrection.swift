/// How much more or less than estimated an offer has turned out to cost.
///
/// The ratio of billed to estimated cost over all its answers so far, drawn towards 1 as if ten answers had
/// cost just their estimates.
struct CostCorrection {
  private var estimated = 0.0
  private var billed = 0.0
  private var answers = 0.0
  /// Sums of squares: of the estimates, of the bills, and of their products.
  private var squares = (estimated: 0.0, billed: 0.0, both: 0.0)

  private static let priorAnswers = 10.0
  private static let priorSpread = 0.25
  /// Nano-dollars beyond which nothing is corrected upwards, so that sums over millions of requests fit.
  private static let most: Int64 = 1_000_000_000_000
  /// An offer this much dearer is out of the question; and no amount overflows, whatever is billed.
  private static let mostRatio = 1_000.0

  mutating func observe(estimated: Int64, billed: Int64) {
    self.estimated += Double(estimated)
    self.billed += Double(billed)
    answers += 1
    let (e, b) = (Double(estimated), Double(billed))
    squares.estimated += e * e
    squares.billed += b * b
    squares.both += e * b
  }

  /// How many answers the correction rests on, those included that stand for what is known beforehand.
  var weight: Double { answers + Self.priorAnswers }

  /// The variance of what an answer costs about its corrected estimate, in units of the estimate's square: what was
  /// seen, drawn towards a quarter (off by half) as if ten answers had shown that.
  var spread: Double {
    let scale = ratio * ratio * squares.estimated
    let residual = squares.billed - 2 * ratio * squares.both + scale
    let seen = scale > 0 ? max(0, residual / scale) : 0
    return (Self.priorAnswers * Self.priorSpread + answers * seen) / weight
  }

  /// Billed over estimated cost.
  var ratio: Double {
    guard answers > 0, estimated > 0 else { return 1 }
    let prior = Self.priorAnswers * estimated / answers
    return min((prior + billed) / (prior + estimated), Self.mostRatio)
  }

  /// The estimate as experience corrects it.
  func applied(to estimate: Int64) -> Int64 {
    guard answers > 0, estimate <= Self.most else { return estimate }
    return Int64(min(Double(estimate) * ratio, Double(Self.most)).rounded(.up))
  }
}
