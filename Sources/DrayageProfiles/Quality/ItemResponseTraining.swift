/// Fits an ``ItemResponsePredictor`` to a table: the ridge by cross-validation, then the correction of its
/// predictions on the same held-out folds, then the coefficients on all rows. Deterministic.
public struct ItemResponseTraining: Sendable {
  /// How many folds rows are held out in, 2 or more.
  public var folds = 5
  /// Which rows fall into which fold.
  public var seed: UInt64 = 1
  /// Features with the same number share one scale; `nil` gives each its own.
  public var featureGroups: [Int]?
  /// The ridges that are tried, strongest first within a run of equal shared strength.
  public var ridges: [Ridge] = Self.defaultRidges
  /// Cross-validation uses at most about this many rows, evenly spread; the final fit uses all.
  public var selectionRows = 20_000
  /// Whether predictions are corrected at all.
  public var calibrates = true

  /// The default training.
  public init() {}

  /// Shared strengths of 100 to 10,000, each with deviations of 100 to 30,000 and with none.
  public static let defaultRidges: [Ridge] = [10_000.0, 3000, 1000, 300, 100].flatMap { shared in
    [Ridge.rigid, 30_000, 10_000, 3000, 1000, 300, 100].map { Ridge(shared: shared, deviations: $0) }
  }

  /// A fitted predictor and how it was chosen.
  public struct Result: Sendable {
    /// The predictor.
    public let predictor: ItemResponsePredictor
    /// The ridge, chosen on held-out folds; `nil` if none beat the means, and features are not used.
    public let ridge: Ridge?
    /// The mean log loss on held-out folds under that ridge, before correction.
    public let logLoss: Double
    /// That of the shrunken means per workload.
    public let meansLogLoss: Double
  }

  /// Fits a predictor to some rows of a table, all by default; the other rows are not looked at.
  ///
  /// - Throws: ``QualityError`` if there are no rows or scores, or a setting is out of its range.
  public func fit(_ table: ScoreMatrix, rows: [Int]? = nil) throws(QualityError) -> Result {
    let rows = rows ?? Array(table.workloadOf.indices)
    let groups = try validated(table, rows)
    let sample = selection(from: rows)
    let parts = held(sample).map { fold in
      Fold(table: table, training: fold.training, held: fold.held, groups: groups)
    }
    let meansLoss = Loss(rows: parts.flatMap { $0.loss($0.problem.start) })
    let best = choice(of: parts, means: meansLoss, dimension: table.dimension)

    let ridge = best.ridge ?? Ridge(shared: Ridge.rigid, deviations: Ridge.rigid)
    var outside = HeldOut()
    for (number, part) in parts.enumerated() {
      var parameters = part.problem.start
      if best.ridge != nil { part.problem.fit(&parameters, ridge: ridge) }
      part.collect(parameters, fold: number, into: &outside)
    }
    let calibration =
      calibrates
      ? ScoreCalibration.chosen(
        predictions: outside.predictions, scores: outside.scores, folds: outside.folds) : .none

    let problem = ItemResponseProblem(table, rows: rows, groups: groups)
    var parameters = problem.start
    if best.ridge != nil { problem.fit(&parameters, ridge: ridge) }
    let predictor = ItemResponsePredictor(
      problem, parameters: parameters, ridge: ridge, dispersions: outside.dispersions(models: table.models),
      workloads: table.workloads, calibration: calibration)
    return Result(predictor: predictor, ridge: best.ridge, logLoss: best.loss, meansLogLoss: meansLoss.mean)
  }

  /// The groups of features.
  private func validated(_ table: ScoreMatrix, _ rows: [Int]) throws(QualityError) -> [Int] {
    guard folds >= 2, selectionRows >= 2,
      ridges.allSatisfy({ $0.shared > 0 && $0.deviations > 0 && $0.shared + $0.deviations < .infinity })
    else {
      throw QualityError(
        .range, "training needs 2 or more folds, 2 or more rows to select on, and finite ridges above 0")
    }
    let groups = featureGroups ?? Array(0..<table.dimension)
    guard groups.count == table.dimension else {
      throw QualityError(
        .shape, "\(groups.count) features are put in groups; the table has \(table.dimension)")
    }
    guard rows.allSatisfy(table.workloadOf.indices.contains) else {
      throw QualityError(.range, "a row to train on does not exist; the table has \(table.rows), from 0")
    }
    guard
      rows.contains(where: { row in
        table.scores[(row * table.models)..<((row + 1) * table.models)].contains { !$0.isNaN }
      })
    else { throw QualityError(.empty, "the rows to train on hold no score; give at least one") }
    return groups
  }

  /// At most about ``selectionRows`` of the rows.
  private func selection(from rows: [Int]) -> [Int] {
    let step = UInt64((rows.count - 1) / selectionRows + 1)
    let chosen = rows.filter { Self.hash(UInt64($0), seed &+ 1) % step == 0 }
    return chosen.isEmpty ? rows : chosen
  }

  private func held(_ rows: [Int]) -> [(training: [Int], held: [Int])] {
    (0..<UInt64(folds)).compactMap { fold in
      let held = rows.filter { Self.hash(UInt64($0), seed) % UInt64(folds) == fold }
      let training = rows.filter { Self.hash(UInt64($0), seed) % UInt64(folds) != fold }
      return held.isEmpty || training.isEmpty ? nil : (training, held)
    }
  }

  /// How many standard errors above the least a loss may be.
  private static let tolerance = 2.0

  /// The ridge to use, and its loss.
  ///
  /// Of the ridges that beat the means, those count whose loss is within two standard errors of the least; of
  /// these, the one that holds deviations back most is taken (after the rule of Breiman, Friedman, Olshen and
  /// Stone 1984, who allow one). Routing picks the model with the highest prediction, so that noise in
  /// deviations, which hardly shows in the loss, costs more there than a little shrinkage too much.
  private func choice(of parts: [Fold], means: Loss, dimension: Int) -> (ridge: Ridge?, loss: Double) {
    guard dimension > 0, !ridges.isEmpty else { return (nil, means.mean) }
    let losses = losses(of: parts)
    let least = losses.indices.min { losses[$0].mean < losses[$1].mean } ?? 0
    guard losses[least].mean < means.mean else { return (nil, means.mean) }
    let good = losses.indices.filter {
      losses[$0].mean < means.mean && losses[$0].excess(over: losses[least]) <= Self.tolerance
    }
    let chosen = good.min {
      (-ridges[$0].deviations, losses[$0].mean) < (-ridges[$1].deviations, losses[$1].mean)
    }
    return (ridges[chosen ?? least], losses[chosen ?? least].mean)
  }

  private func losses(of parts: [Fold]) -> [Loss] {
    var totals = Array(repeating: Loss(rows: []), count: ridges.count)
    for part in parts {
      var parameters = part.problem.start
      for (position, ridge) in ridges.enumerated() {
        // Each fit starts from its neighbour's; a run of weaker ridges begins anew.
        if position > 0, ridge.shared != ridges[position - 1].shared { parameters = part.problem.start }
        part.problem.fit(&parameters, ridge: ridge)
        totals[position].rows += part.loss(parameters)
      }
    }
    return totals
  }

  /// Spreads row numbers evenly: the finalizer of Steele, Lea and Flood (OOPSLA 2014).
  private static func hash(_ row: UInt64, _ seed: UInt64) -> UInt64 {
    var z = (row &+ 1) &* 0x9E37_79B9_7F4A_7C15 ^ (seed &* 0xD1B5_4A32_D192_ED03)
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
