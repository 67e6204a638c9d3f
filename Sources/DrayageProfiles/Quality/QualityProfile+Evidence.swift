extension QualityProfile {
  /// Evidence with what it is of.
  package typealias Seen = (arm: QualityArm, workload: String, evidence: QualityEvidence)

  /// The evidence of every cell that has some, by position of arm and workload. Cells that have faded to less
  /// than ``QualityEvidence/weights`` say nothing any more and are left out.
  ///
  /// - Throws: ``QualityError`` if a number is beyond what can be kept.
  package func seen() throws(QualityError) -> [Seen] {
    var seen: [Seen] = []
    for (arm, row) in zip(arms, cells) {
      for (workload, cell) in zip(workloads, row)
      where cell.evidence.weight >= QualityEvidence.weights.lowerBound {
        do throws(QualityError) {
          let evidence = try QualityEvidence(
            cell.evidence, at: cell.time, halfLife: halfLife, queryCorrelation: queryCorrelation)
          seen.append((arm, workload, evidence))
        } catch {
          throw QualityError(error.code, "\(arm) on workload '\(workload)': \(error)")
        }
      }
    }
    return seen
  }

  /// The profile of evidence, fitted anew; one of nothing if there is none. Of different correlations of
  /// queries the largest counts.
  ///
  /// - Throws: ``QualityError`` if half-lives differ, an arm and workload are there twice, or there are too
  ///   many names.
  package init(_ seen: [Seen]) throws(QualityError) {
    try self.init(halfLife: seen.first?.evidence.halfLife ?? .infinity)
    try checkRoom(arms: Set(seen.map(\.arm)).count, workloads: Set(seen.map(\.workload)).count)
    for (name, workload, evidence) in seen {
      guard evidence.halfLife == halfLife else {
        throw QualityError(
          .mismatch,
          "evidence with half-lives of \(halfLife) s and \(evidence.halfLife) s cannot be in one profile; "
            + "record all with one")
      }
      let (a, w) = (arm(name), self.workload(workload))
      guard cells[a][w].evidence.weight == 0 else {
        throw QualityError(.duplicate, "\(name) on workload '\(workload)' is there twice; merge the two")
      }
      cells[a][w] = Cell(evidence: evidence.scores, time: evidence.time)
      queryCorrelation = max(queryCorrelation, evidence.queryCorrelation)
    }
    if !seen.isEmpty { refit() }
  }
}
