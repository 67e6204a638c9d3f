/// Estimates the tokens of texts for one family, without its vocabulary.
///
/// The expected number is a sum of the counters of ``TextRuns`` with the family's coefficients, which were
/// fitted by non-negative least squares on relative errors to texts of 57 kinds (`benchmarks/tokens`). On
/// other texts the median error is 2 to 3 %, and at most 7 % for each kind; for a language that was not
/// fitted it is 1 to 18 %.
public struct TokenEstimator: Sendable {
  /// The family that texts are estimated for.
  public let family: TokenFamily

  /// How far above the expected number the high one is: the 99th percentile of actual over expected on texts
  /// that were not fitted is 1.11 to 1.17 for the measured families, 1.14 to 1.34 in languages that were not
  /// fitted either, and a short text adds a few tokens.
  static let spread = 1.4
  /// The same for families whose tokenizer is not published: the top of the range that is documented for the
  /// newest Claude models, 1.35 / 1.175, on top.
  static let assumedSpread = 1.6
  static let slack = 4.0

  /// An estimator for a family.
  public init(_ family: TokenFamily) {
    self.family = family
  }

  /// An estimator for a model by its name.
  public init(model: String) {
    self.init(TokenFamily(model: model))
  }

  /// Estimates the tokens of one text, without those of a message around it.
  public func estimate(_ text: String) -> TokenEstimate {
    estimate(TextRuns(text))
  }

  /// Estimates the tokens of a text whose runs are counted. Takes the time of a few hundred multiplications.
  public func estimate(_ runs: TextRuns) -> TokenEstimate {
    estimate(runs, present: runs.present)
  }

  /// The same, for texts that are estimated for several families.
  ///
  /// - Parameter present: the counters that are not 0, few in most texts: ``TextRuns/present``.
  package func estimate(_ runs: TextRuns, present: [Int]) -> TokenEstimate {
    if runs.byteCount == 0 { return .zero }
    let limit = bound(runs)
    var largest = 0.0
    // Row by row within reach of a pointer: an array would be asked for its place at every number.
    runs.counts.withUnsafeBufferPointer { counts in
      for row in family.rows {
        let sum = row.withUnsafeBufferPointer { row in
          present.reduce(0.0) { $0 + Double(counts[$1]) * Double(row[$1]) }
        }
        largest = max(largest, sum)
      }
    }
    let expected = max(1, largest * family.scale)
    let spread = family.basis == .measured ? TokenEstimator.spread : TokenEstimator.assumedSpread
    let high = expected * spread + TokenEstimator.slack
    return TokenEstimate(
      expected: min(limit, Int(expected.rounded())), high: min(limit, Int(high.rounded(.up))), bound: limit)
  }

  /// The most tokens that a text with these runs can have.
  ///
  /// Every token of a byte-level vocabulary stands for at least one byte of the normalized text, and
  /// SentencePiece with byte fallback spends at most one token per byte. Special tokens written out in a text
  /// only make it fewer. A malformed byte is taken as the replacement character, three bytes.
  public func bound(_ runs: TextRuns) -> Int {
    let beyond = runs.stableByteCount + runs.otherByteCount + runs.malformedByteCount
    return runs.byteCount - beyond + runs.stableByteCount * family.normalization.stableExpansion
      + runs.otherByteCount * family.normalization.expansion
      + runs.malformedByteCount * 3 * family.normalization.expansion
      + (runs.byteCount > 0 ? family.prefixTokens : 0)
  }
}
