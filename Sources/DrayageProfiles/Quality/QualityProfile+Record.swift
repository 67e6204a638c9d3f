extension QualityProfile {
  /// A profile as plain numbers and strings, for a file.
  public struct Record: Hashable, Sendable, Codable {
    /// ``QualityProfile/arms``.
    public var arms: [QualityArm]
    /// ``QualityProfile/workloads``.
    public var workloads: [String]
    /// ``QualityProfile/halfLife``; `nil` if evidence never fades.
    public var halfLife: Double?
    /// ``QualityProfile/shrinkage``.
    public var shrinkage: QualityShrinkage
    /// The cells with evidence.
    public var cells: [Cell]

    /// What was seen of one arm on one workload.
    public struct Cell: Hashable, Sendable, Codable {
      /// The position of the arm, from 0.
      public var arm: Int
      /// The position of the workload, from 0.
      public var workload: Int
      /// What was seen.
      public var evidence: ScoreEvidence
      /// The second to which the evidence has faded.
      public var time: Double
    }
  }

  /// The profile as plain numbers and strings.
  public var record: Record {
    var seen: [Record.Cell] = []
    for arm in arms.indices {
      for workload in workloads.indices where cells[arm][workload].evidence.weight > 0 {
        let cell = cells[arm][workload]
        seen.append(Record.Cell(arm: arm, workload: workload, evidence: cell.evidence, time: cell.time))
      }
    }
    return Record(
      arms: arms, workloads: workloads, halfLife: halfLife.isFinite ? halfLife : nil, shrinkage: shrinkage,
      cells: seen)
  }

  /// The profile that a record describes.
  ///
  /// - Throws: ``QualityError`` if names repeat, positions do not exist, or numbers are impossible.
  public init(_ record: Record) throws(QualityError) {
    try self.init(halfLife: record.halfLife ?? .infinity)
    guard Set(record.arms).count == record.arms.count,
      Set(record.workloads).count == record.workloads.count
    else {
      throw QualityError(.duplicate, "an arm or a workload appears twice in the profile; keep one of the two")
    }
    try record.shrinkage.validate()
    guard record.shrinkage.abilities.count <= record.arms.count,
      record.shrinkage.eases.count <= record.workloads.count
    else {
      throw QualityError(
        .shape, "the profile has effects for more arms or workloads than it names; fit it again")
    }
    try checkRoom(arms: record.arms.count, workloads: record.workloads.count)
    for name in record.arms { _ = arm(name) }
    for name in record.workloads { _ = workload(name) }
    for cell in record.cells {
      guard arms.indices.contains(cell.arm), workloads.indices.contains(cell.workload), cell.time.isFinite
      else {
        throw QualityError(
          .shape,
          "a cell of the profile names arm \(cell.arm), workload \(cell.workload) and second \(cell.time); "
            + "there are \(arms.count) arms and \(workloads.count) workloads")
      }
      let seen = cell.evidence
      cells[cell.arm][cell.workload] = Cell(
        evidence: try ScoreEvidence(
          weight: seen.weight, mean: seen.mean, squaredDeviations: seen.squaredDeviations),
        time: cell.time)
    }
    shrinkage = record.shrinkage
    queryCorrelation = record.shrinkage.queryCorrelation
  }
}

extension QualityShrinkage {
  /// - Throws: ``QualityError`` if a number is not finite or a variance is not above 0.
  func validate() throws(QualityError) {
    let variances =
      scoreVariances + interactionVariances + [abilityVariance, easeVariance]
      + (abilities + eases).map(\.variance)
    let means = (abilities + eases).map(\.mean)
    guard (0...1).contains(grandMean), variances.allSatisfy({ $0 > 0 && $0.isFinite }),
      means.allSatisfy(\.isFinite), scoreVariances.count == abilities.count,
      interactionVariances.count == abilities.count, (0...1).contains(queryCorrelation)
    else {
      throw QualityError(
        .range,
        "the shrinkage of the profile has a mean outside 0...1, a variance that is not above 0, or variances "
          + "for other arms than it has effects for; fit it again")
    }
  }
}
