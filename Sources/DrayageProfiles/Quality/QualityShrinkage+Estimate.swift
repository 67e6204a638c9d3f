extension QualityShrinkage {
  /// What is believed of a cell.
  ///
  /// - Parameters:
  ///   - arm, workload: positions in the fit; `nil` for one that it did not have.
  ///   - evidence: what was seen of the cell.
  func estimate(arm: Int?, workload: Int?, evidence: ScoreEvidence) -> QualityEstimate {
    let ability = arm.map { abilities[$0] } ?? Effect(mean: 0, variance: abilityVariance)
    let ease = workload.map { eases[$0] } ?? Effect(mean: 0, variance: easeVariance)
    let prior = min(max(grandMean + ability.mean + ease.mean, 0.001), 0.999)
    let scoreVariance = arm.map { scoreVariances[$0] } ?? Self.mean(scoreVariances, or: 0.25)
    let interactionVariance =
      arm.map { interactionVariances[$0] } ?? Self.mean(interactionVariances, or: 0.01)
    let strength = scoreVariance / interactionVariance
    let total = evidence.weight + strength
    let share = strength / total
    var variance = scoreVariance / total + share * share * (ability.variance + ease.variance)
    if evidence.weight > 0 {
      // The queries that misjudge the cell misjudge the workload in the same direction.
      let noise = scoreVariance / evidence.weight
      variance += 2 * share * (1 - share) * queryCorrelation * min(noise, ease.variance)
    }
    return QualityEstimate(
      mean: (1 - share) * evidence.mean + share * prior, variance: variance, observations: total)
  }

  private static func mean(_ numbers: [Double], or none: Double) -> Double {
    numbers.isEmpty ? none : numbers.reduce(0, +) / Double(numbers.count)
  }
}
