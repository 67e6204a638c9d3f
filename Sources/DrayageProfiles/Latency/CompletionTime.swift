/// The distribution of the seconds from sending a request to the last token of its answer: T + (L - 1) / S,
/// with T the time to the first token, L the tokens and S the tokens per second after the first.
///
/// The three are taken to be independent. On 2,306 answers of 19 offers (LLMPerf, January 2024) this errs
/// slightly on the safe side: what it says is exceeded by 10, 5 and 1 % of answers was exceeded by 9.1, 4.7
/// and 0.7 %. 6 of the 19 offers depart from it by more than chance (Kolmogorov-Smirnov, 5 % level), by
/// 0.13 at most.
///
/// Both L and S are condensed to at most 96 values before they are divided; making one takes about 96² steps,
/// asking it for a probability as many as T and (L - 1) / S have values, a few hundred to two thousand.
public struct CompletionTime: Hashable, Sendable {
  /// Seconds to the first token.
  private let firstToken: Distribution
  /// Seconds from the first token to the last.
  private let generation: Distribution

  /// The time of an answer.
  ///
  /// - Parameters:
  ///   - firstToken: seconds.
  ///   - speed: tokens per second, above 0.
  ///   - tokens: of the answer, under its limit.
  public init(firstToken: Distribution, speed: Distribution, tokens: Distribution) {
    self.firstToken = firstToken
    let speed = speed.condensed(to: Self.strata)
    let quotients = tokens.condensed(to: Self.strata).atoms.lazy.flatMap { length in
      speed.atoms.lazy.map {
        (value: max(length.value - 1, 0) / $0.value, weight: length.mass * $0.mass)
      }
    }
    // Empty only if every mass is too small for a double: the time is then that of the first token.
    generation = Distribution(WeightedSketch(collecting: quotients)) ?? firstToken
  }

  /// To how many values speeds and lengths are condensed.
  private static let strata = 96

  /// The expected seconds.
  public var mean: Double { firstToken.mean + generation.mean }

  /// The probability that the answer takes longer than `deadline` seconds.
  public func missProbability(deadline: Double) -> Double {
    guard deadline >= 0 else { return 1 }
    return min(max(firstToken.probability(ofSumWith: generation, above: deadline), 0), 1)
  }

  /// The seconds that are exceeded with probability 1 - `p` at most, to within a millionth.
  ///
  /// - Parameter p: 0...1; taken to the nearer end if outside.
  public func quantile(_ p: Double) -> Double {
    var low = firstToken.bounds.lowerBound + generation.bounds.lowerBound
    var high = firstToken.bounds.upperBound + generation.bounds.upperBound
    if missProbability(deadline: low) <= 1 - p { return low }
    while high - low > 1e-6 * high {
      // Means of the logarithms: the range spans many powers of ten.
      let middle = low > 0 ? (low * high).squareRoot() : high / 2
      guard middle > low, middle < high else { break }
      if missProbability(deadline: middle) <= 1 - p { high = middle } else { low = middle }
      if high < 1e-9 { break }
    }
    return high
  }
}
