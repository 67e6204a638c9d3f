/// What was seen of the scores of one arm on one workload, and how it fades: a cell of a ``QualityProfile``
/// that can be kept, and merged, without the others.
package struct QualityEvidence: Hashable, Sendable {
  /// The seconds in which the evidence loses half of its weight, within ``halfLives``; infinite if it never
  /// does.
  package let halfLife: Double
  /// What was seen, weighed as of ``time``.
  package private(set) var scores: ScoreEvidence
  /// The second to which the evidence has faded, within ``times``.
  package private(set) var time: Double
  /// The correlation of scores of two arms on the same query, in 0...1, as of the table that the evidence was
  /// learned from; 0 if there was none. It is the profile's, and every cell carries it: a fit that took the
  /// queries of many arms for independent ones would be surer of a workload than it may be.
  package private(set) var queryCorrelation: Double

  /// Finite half-lives, in seconds: up to 30,000 years.
  package static let halfLives = 0.001...1e12
  /// Times, in seconds: 30,000 years either way, and no milliseconds of this century.
  package static let times = -1e12...1e12
  /// Weights, in scores. Below them evidence changes no sum with a fresh score.
  package static let weights = 1e-18...1e15

  /// Evidence from its parts.
  ///
  /// - Throws: ``QualityError`` if a number is outside its range, or the squared deviations are more than
  ///   those of scores of 0 and 1 with this mean.
  package init(
    _ scores: ScoreEvidence, at time: Double, halfLife: Double, queryCorrelation: Double
  ) throws(QualityError) {
    guard Self.weights.contains(scores.weight), Self.times.contains(time),
      Self.halfLives.contains(halfLife) || halfLife == .infinity, (0...1).contains(queryCorrelation)
    else {
      throw QualityError(
        .range,
        "evidence of weight \(scores.weight) at second \(time), with a half-life of \(halfLife) s and "
          + "queries correlated by \(queryCorrelation), cannot be kept; weights go from "
          + "\(Self.weights.lowerBound) to \(Self.weights.upperBound), times to \(Self.times.upperBound) s "
          + "either way, half-lives from \(Self.halfLives.lowerBound) to \(Self.halfLives.upperBound) s, or "
          + "have no end")
    }
    let most = Self.mostSquaredDeviations(weight: scores.weight, mean: scores.mean)
    guard scores.squaredDeviations <= most else {
      throw QualityError(
        .range,
        "squared deviations of \(scores.squaredDeviations) are impossible for scores in 0...1 of weight "
          + "\(scores.weight) and mean \(scores.mean), which have at most \(most); record them again")
    }
    self.scores = scores
    self.time = time
    self.halfLife = halfLife
    self.queryCorrelation = queryCorrelation
  }

  /// The most squared deviations of scores in 0...1, those of scores that are all 0 or 1 (Bhatia and Davis,
  /// American Mathematical Monthly 107, 2000), and a billionth for rounding.
  private static func mostSquaredDeviations(weight: Double, mean: Double) -> Double {
    weight * (mean * (1 - mean) + 1e-9)
  }

  /// Adds what others have seen of the same arm and workload, both faded to the later of the two times. Of
  /// two correlations the larger stays, which claims less.
  ///
  /// - Throws: ``ProfileMismatch`` if the half-lives differ, or the sum is too much to keep; nothing is then
  ///   added.
  package mutating func merge(_ other: QualityEvidence) throws(ProfileMismatch) {
    guard halfLife == other.halfLife else {
      throw ProfileMismatch(
        "half-lives of \(halfLife) s and \(other.halfLife) s do not mix; record both with one")
    }
    let latest = max(time, other.time)
    var mine = QualityProfile.Cell(evidence: scores, time: time)
    var theirs = QualityProfile.Cell(evidence: other.scores, time: other.time)
    mine.fade(to: latest, halfLife: halfLife)
    theirs.fade(to: latest, halfLife: halfLife)
    mine.evidence.merge(theirs.evidence)
    do throws(QualityError) {
      self = try QualityEvidence(
        mine.evidence, at: latest, halfLife: halfLife,
        queryCorrelation: max(queryCorrelation, other.queryCorrelation))
    } catch { throw ProfileMismatch(error.description) }
  }
}
