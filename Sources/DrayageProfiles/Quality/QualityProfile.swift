/// What is known of the quality of arms on workloads: a belief about every mean score, drawn towards what
/// the arm does elsewhere where the workload has few scores.
///
/// ``learn(_:)`` estimates from everything seen how strongly to draw; between two such fits, feedback moves
/// single cells through ``observe(_:arm:workload:at:weight:)`` in constant time. Evidence fades with a
/// half-life, so that a belief returns to its prior when nothing new arrives. Scores are in 0...1.
public struct QualityProfile: Hashable, Sendable {
  /// The arms, in order of appearance.
  public internal(set) var arms: [QualityArm] = []
  /// The workloads, in order of appearance.
  public internal(set) var workloads: [String] = []
  /// The seconds in which evidence loses half of its weight; infinite if it never does.
  public let halfLife: Double
  /// How cells are drawn together; as of the latest ``refit()``.
  public internal(set) var shrinkage = QualityShrinkage()

  /// The correlation of scores on the same query, as of the latest table learned.
  var queryCorrelation = 0.0
  /// The most pairs of an arm and a workload: names come from outside and must not fill the memory.
  public static let mostCells = 1_000_000

  /// Per arm, per workload.
  var cells: [[Cell]] = []
  private var armPositions: [QualityArm: Int] = [:]
  private var workloadPositions: [String: Int] = [:]

  /// What was seen of one arm on one workload.
  struct Cell: Hashable, Sendable {
    var evidence = ScoreEvidence()
    /// The second to which the evidence has faded.
    var time = -Double.infinity

    mutating func fade(to now: Double, halfLife: Double) {
      // Feedback out of order joins at the time already reached.
      guard now > time else { return }
      if time > -Double.infinity, halfLife < .infinity {
        evidence.fade(by: ElementaryFunctions.exponential(-0.693_147_180_559_945_3 * (now - time) / halfLife))
      }
      time = now
    }
  }

  /// A profile that has seen nothing.
  ///
  /// - Parameter halfLife: in seconds, above 0; infinity by default.
  /// - Throws: ``QualityError`` if the half-life is not above 0.
  public init(halfLife: Double = .infinity) throws(QualityError) {
    guard halfLife > 0 else {
      throw QualityError(.range, "the half-life of evidence is \(halfLife) s; give a number above 0")
    }
    self.halfLife = halfLife
  }

  /// The position of an arm in ``arms``; `nil` if it is not known.
  public func position(of arm: QualityArm) -> Int? { armPositions[arm] }

  /// The position of a workload in ``workloads``; `nil` if it is not known.
  public func position(ofWorkload name: String) -> Int? { workloadPositions[name] }

  /// What is believed at second `now` of an arm on a workload, known or not.
  public func estimate(_ arm: QualityArm, workload: String, at now: Double = 0) -> QualityEstimate {
    let (a, w) = (armPositions[arm], workloadPositions[workload])
    var cell = Cell()
    if let a, let w {
      cell = cells[a][w]
      cell.fade(to: now, halfLife: halfLife)
    }
    // What joined after the fit has no effects yet.
    return shrinkage.estimate(
      arm: a.flatMap { $0 < shrinkage.abilities.count ? $0 : nil },
      workload: w.flatMap { $0 < shrinkage.eases.count ? $0 : nil }, evidence: cell.evidence)
  }

  /// - Throws: ``QualityError`` if the profile has no room for this many more arms and workloads.
  func checkRoom(arms more: Int, workloads others: Int) throws(QualityError) {
    let (cells, overflow) = (arms.count + more).multipliedReportingOverflow(by: workloads.count + others)
    guard !overflow, cells <= Self.mostCells else {
      throw QualityError(
        .tooLarge,
        "\(arms.count + more) arms on \(workloads.count + others) workloads are more than \(Self.mostCells) pairs; "
          + "use fewer workloads")
    }
  }

  mutating func arm(_ arm: QualityArm) -> Int {
    if let known = armPositions[arm] { return known }
    armPositions[arm] = arms.count
    arms.append(arm)
    cells.append(Array(repeating: Cell(), count: workloads.count))
    return arms.count - 1
  }

  mutating func workload(_ name: String) -> Int {
    if let known = workloadPositions[name] { return known }
    workloadPositions[name] = workloads.count
    workloads.append(name)
    for arm in cells.indices { cells[arm].append(Cell()) }
    return workloads.count - 1
  }
}
