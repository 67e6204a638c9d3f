import LinearOptimization

/// Solves multiple-choice problems with side constraints, with a certificate of how far from the best the
/// answer can be.
///
/// The linear relaxation is solved exactly in three steps: cutting planes for its Lagrangian dual
/// (``DualPhase``), first on a sample of the groups and then on all, a residual linear problem in GLPK for the
/// vertex, and passes over all pairs that prove it (``VertexPhase``). At a vertex at most one group per side
/// constraint is fractional, so rounding costs almost nothing; what it costs is reported as the gap.
public struct ChoiceSolver: Sendable {
  /// How far to go.
  public struct Options: Sendable {
    /// The most seconds to take, or `nil` for as long as it needs. The best found by then is returned.
    public var timeLimit: Double?
    /// What is preferred among assignments of equal objective, such as less cost when quality is maximized.
    public var then: ChoiceProblem.Objective?
    /// A gap between assignment and bound, relative to the bound, that is not worth more time.
    public var relativeGap: Double
    /// Shadow prices to start from, one per constraint: those of a similar problem, solved before. They
    /// change how long it takes and not what comes out.
    public var startPrices: [Double]?
    /// Whether to find out between which limits the shadow prices hold.
    public var wantsRanges: Bool
    /// Called after every pass, in the thread that solves, where it must not start another solve; `false`
    /// stops, and the best found by then is returned.
    public var progress: (@Sendable (ChoiceProgress) -> Bool)?

    /// Options.
    public init(
      timeLimit: Double? = nil, then: ChoiceProblem.Objective? = nil, relativeGap: Double = 1e-6,
      startPrices: [Double]? = nil, wantsRanges: Bool = false,
      progress: (@Sendable (ChoiceProgress) -> Bool)? = nil
    ) {
      self.timeLimit = timeLimit
      self.then = then
      self.relativeGap = relativeGap
      self.startPrices = startPrices
      self.wantsRanges = wantsRanges
      self.progress = progress
    }
  }

  let solver: GLPKSolver

  /// A solver.
  public init() {
    solver = GLPKSolver()
  }

  /// Solves `problem` for an integral assignment.
  ///
  /// - Throws: ``ChoiceSolverError`` if the arithmetic breaks down, or time runs out before there is any
  ///   answer. Infeasible is an answer, not an error.
  public func solve(
    _ problem: ChoiceProblem, options: Options = Options()
  ) throws(ChoiceSolverError) -> ChoiceAnswer {
    try translatingErrors {
      if let then = options.then {
        try ChoiceProblem.validate(
          then, [], [], attributeCount: problem.attributeNames.count, optionCount: problem.optionCount)
      }
      let watch = SolveWatch(Deadline(seconds: options.timeLimit), progress: options.progress)
      return try whole(problem, options, watch)
    }
  }

  /// Solves the linear relaxation of `problem`: choices may be split, and purchases are.
  ///
  /// - Throws: ``ChoiceSolverError`` as ``solve(_:options:)`` does.
  public func relaxation(
    of problem: ChoiceProblem, options: Options = Options()
  ) throws(ChoiceSolverError) -> ChoiceRelaxation.Answer {
    try translatingErrors {
      let watch = SolveWatch(Deadline(seconds: options.timeLimit), progress: options.progress)
      switch try relaxed(problem, options, watch) {
      case .infeasible(let multipliers, let vertex, let scaled):
        return .infeasible(
          try infeasibility(problem, multipliers, vertex, scaled, isWhole: false, watch))
      case .solved(let vertex, let scaled):
        guard vertex.isFeasible else { throw ChoiceSolverError.outOfTime }
        return .solved(ChoiceRelaxation(vertex, scaled, passes: watch.passes))
      }
    }
  }

  func translatingErrors<Answer>(_ body: () throws -> Answer) throws(ChoiceSolverError) -> Answer {
    do {
      return try body()
    } catch let error as ChoiceSolverError {
      throw error
    } catch {
      throw ChoiceSolverError("\(error)")
    }
  }

  enum Relaxed {
    case solved(Vertex, ScaledProblem)
    /// The Farkas multipliers, and the phase-one vertex with the problem that it solves.
    case infeasible([Double], Vertex, ScaledProblem)
  }

  /// Multipliers are capped, so that every master is feasible. Where a cap binds, the objective is in units
  /// too small for this problem's optimum, and larger ones are tried.
  private static let cap = 1e2
  private static let objectiveUnits = [1.0, 1e2, 1e4, 1e7]

  /// The vertex of the relaxation, or the proof that there is none.
  func relaxed(_ problem: ChoiceProblem, _ options: Options, _ watch: SolveWatch) throws -> Relaxed {
    let start = options.startPrices.flatMap {
      $0.count == problem.constraints.count && $0.allSatisfy(\.isFinite) ? $0 : nil
    }
    var isKnownFeasible = false
    for unit in Self.objectiveUnits {
      let scaled = ScaledProblem(problem, objectiveUnit: unit)
      let caps = Array(repeating: Self.cap, count: scaled.rowCount)
      let vertex = try self.vertex(
        scaled, caps: caps, from: start.map(scaled.multipliers), watch, wantsRanges: options.wantsRanges,
        purpose: .feasibleOptimum)
      if vertex.isFeasible {
        return try vertex.isProven ? .solved(vertex, scaled) : refined(vertex, scaled, options, watch)
      }
      if watch.shouldStop {
        guard !vertex.base.isEmpty else { throw ChoiceSolverError.outOfTime }
        return .solved(vertex, scaled)
      }
      if !isKnownFeasible, let (multipliers, vertex, scaled) = try phaseOne(problem, watch.quiet) {
        return .infeasible(multipliers, vertex, scaled)
      }
      isKnownFeasible = true
    }
    throw ChoiceSolverError("the prices exceed 1e9 in natural units")
  }

  /// Tolerances are absolute, in natural units. An optimum far below those is looked for again in its own.
  private func refined(
    _ vertex: Vertex, _ scaled: ScaledProblem, _ options: Options, _ watch: SolveWatch
  ) throws -> Relaxed {
    let size = max(abs(vertex.value), abs(vertex.bound), Self.smallestOptimum)
    guard size < Self.smallOptimum, !watch.shouldStop else { return .solved(vertex, scaled) }
    let finer = ScaledProblem(scaled.problem, objectiveUnit: scaled.objectiveUnit * size)
    let start = vertex.multipliers.map { $0 / size }
    let most = 2 * max(Self.cap, start.max() ?? 0)
    let caps = Array(repeating: most, count: finer.rowCount)
    // An answer is there already; a breakdown here only means that it is not improved.
    guard
      let again = try? self.vertex(finer, caps: caps, from: start, watch, wantsRanges: options.wantsRanges),
      again.isFeasible, again.isProven || again.gap * size < vertex.gap
    else { return .solved(vertex, scaled) }
    return .solved(again, finer)
  }

  private static let smallOptimum = 0.1
  private static let smallestOptimum = 1e-7

  /// Groups in the sample that the first prices come from.
  private static let sample = 50_000
  private static let sampleTolerance = 1e-5
  static let tolerance = 1e-8

  /// What a vertex is for.
  enum Purpose {
    /// The optimum, excess at the price of the caps included.
    case optimum
    /// The optimum if no row is exceeded.
    case feasibleOptimum
    /// The least excess if there is any.
    case leastExcess
  }

  /// More excess than this, per group, is no rounding.
  private static let excessOfDual = 1e-6

  /// A vertex of the relaxation at which a unit of excess of a row costs its cap.
  ///
  /// - Parameter purpose: if the dual phase already says that it cannot be served, there is no vertex.
  func vertex(
    _ scaled: ScaledProblem, caps: [Double], from start: [Double]? = nil, _ watch: SolveWatch,
    wantsRanges: Bool = false, purpose: Purpose = .optimum
  ) throws -> Vertex {
    let pass = PricingPass(scaled)
    guard scaled.rowCount > 0 else {
      var base = Array(repeating: UInt16(0), count: scaled.columns.layout.positionCount)
      let found = pass.run([], choice: &base)
      let bound = found.bound
      watch.count(1)
      let purchases = scaled.purchases.map { $0.objective < 0 ? $0.upper : $0.lower }
      return Vertex(
        base: base, shares: [], multipliers: [], purchases: purchases, value: bound, bound: bound, excess: [],
        near: [:], sums: found.sums, isProven: true)
    }
    var box = Box(caps: caps)
    var from = Array(repeating: 0.0, count: scaled.rowCount)
    if let start {
      from = zip(start, caps).map(min)
      box = Box(around: from, caps: caps)
    } else if scaled.columns.layout.positionCount > 2 * Self.sample {
      let sample = PricingPass(scaled, sample: Self.sample)
      let phase = DualPhase(scaled: scaled, pass: sample, tolerance: Self.sampleTolerance, watch: watch)
      from = try phase.run(in: box, from: from).multipliers
      box = Box(around: from, caps: caps)
    }
    let dual = try DualPhase(scaled: scaled, pass: pass, tolerance: Self.tolerance, watch: watch)
      .run(in: box, from: from)
    let isPointless =
      switch purpose {
      case .optimum: false
      case .feasibleOptimum: dual.excess.contains { $0 > Self.excessOfDual }
      case .leastExcess: dual.value <= Self.excessOfDual * 1e-3
      }
    if isPointless, !watch.shouldStop {
      return Vertex(
        base: [], shares: [], multipliers: dual.multipliers, purchases: dual.purchases, value: .infinity,
        bound: dual.bound, excess: dual.excess.map { $0 * scaled.groupCount }, near: [:], sums: [],
        isProven: false)
    }
    return try VertexPhase(scaled: scaled, caps: caps, pass: pass, watch: watch, wantsRanges: wantsRanges)
      .run(from: dual)
  }
}

/// A solve without an answer, for numerical reasons or lack of time; the message says which.
public struct ChoiceSolverError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What happened.
  public let description: String

  init(_ description: String) {
    self.description = "the solver broke down: " + description
  }

  private init(asIs description: String) { self.description = description }

  /// The time limit, or a cancellation, came before any answer.
  static let outOfTime = ChoiceSolverError(asIs: "no answer within the time limit; allow more")
}
