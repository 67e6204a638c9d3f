extension QualityProfile {
  /// Adds a score to what is known.
  ///
  /// - Parameters:
  ///   - score: 0...1.
  ///   - time: in seconds from any origin, the same for all calls; feedback may come out of order.
  ///   - weight: how many observations it counts as, above 0 and at most a million.
  /// - Throws: ``QualityError`` if a number is out of its range or there are too many names; nothing is
  ///   changed then.
  public mutating func observe(
    _ score: Double, arm: QualityArm, workload: String, at time: Double = 0, weight: Double = 1
  ) throws(QualityError) {
    guard (0...1).contains(score) else {
      throw QualityError(
        .range, "the score of \(arm) on workload '\(workload)' is \(score); scale scores to 0...1")
    }
    guard weight > 0, weight <= 1e6, time.isFinite else {
      throw QualityError(
        .range,
        "a score of \(arm) has weight \(weight) at second \(time); give a weight above 0 and at most 1e6, "
          + "and a finite time")
    }
    try checkRoom(
      arms: position(of: arm) == nil ? 1 : 0, workloads: position(ofWorkload: workload) == nil ? 1 : 0)
    let (a, w) = (self.arm(arm), self.workload(workload))
    cells[a][w].fade(to: time, halfLife: halfLife)
    cells[a][w].evidence.add(score, weight: weight)
  }

  /// Adds every score of a table and fits the shrinkage.
  ///
  /// - Parameters:
  ///   - arms: one for each model of the table, in its order; without repetition.
  ///   - time: when the scores were taken, in seconds.
  /// - Throws: ``QualityError`` if the number of arms is not that of models, one repeats, or there are too
  ///   many names.
  public mutating func learn(
    _ table: ScoreMatrix, arms: [QualityArm], at time: Double = 0
  ) throws(QualityError) {
    guard arms.count == table.models, Set(arms).count == arms.count else {
      throw QualityError(
        .shape, "\(arms.count) arms are given for \(table.models) models; name each model once")
    }
    guard time.isFinite else {
      throw QualityError(.range, "the time of the table is \(time); give finite seconds")
    }
    try checkRoom(
      arms: arms.count { position(of: $0) == nil },
      workloads: table.workloads.count { position(ofWorkload: $0) == nil })
    let evidence = table.evidence(rows: table.workloadOf.indices)
    for (model, name) in arms.enumerated() {
      let a = arm(name)
      for (position, name) in table.workloads.enumerated() {
        let w = workload(name)
        let seen = evidence[model * table.workloads.count + position]
        guard seen.weight > 0 else { continue }
        cells[a][w].fade(to: time, halfLife: halfLife)
        cells[a][w].evidence.merge(seen)
      }
    }
    queryCorrelation = table.queryCorrelation(rows: table.workloadOf.indices, evidence: evidence)
    refit()
  }

  /// Estimates anew, from all evidence at hand, how strongly to draw cells together.
  public mutating func refit() {
    shrinkage = QualityShrinkage(
      cells: cells.flatMap { $0.map(\.evidence) }, arms: arms.count, workloads: workloads.count,
      queryCorrelation: queryCorrelation)
  }

  /// Adds what another profile has seen, such as that of another process; both count time from the same
  /// origin. The shrinkage stays as it is until the next ``refit()``.
  ///
  /// - Throws: ``QualityError`` if the half-lives differ or there are too many names.
  public mutating func merge(_ other: QualityProfile) throws(QualityError) {
    guard halfLife == other.halfLife else {
      throw QualityError(
        .mismatch,
        "profiles with half-lives of \(halfLife) s and \(other.halfLife) s cannot be merged; choose one")
    }
    try checkRoom(
      arms: other.arms.count { position(of: $0) == nil },
      workloads: other.workloads.count { position(ofWorkload: $0) == nil })
    queryCorrelation = max(queryCorrelation, other.queryCorrelation)
    for (arm, name) in other.arms.enumerated() {
      let a = self.arm(name)
      for (position, workload) in other.workloads.enumerated() {
        var theirs = other.cells[arm][position]
        let w = self.workload(workload)
        guard theirs.evidence.weight > 0 else { continue }
        let latest = max(theirs.time, cells[a][w].time)
        theirs.fade(to: latest, halfLife: halfLife)
        cells[a][w].fade(to: latest, halfLife: halfLife)
        cells[a][w].evidence.merge(theirs.evidence)
      }
    }
  }
}
