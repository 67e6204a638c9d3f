public import LinearOptimization

/// The conformance suite for implementations of `LinearSolver`.
///
/// It has named cases with known answers and random ones whose optimum is known by construction. No answer is
/// taken on the solver's word: feasibility, duality and complementary slackness are computed from the model.
///
///     let failures = SolverConformance().failures(of: MySolver())
public struct SolverConformance: Sendable {
  /// An expectation that was not met.
  public struct Failure: Hashable, Sendable, CustomStringConvertible {
    /// The name of the case.
    public let name: String
    /// The seed that the case was made from, if it is random.
    public let seed: UInt64?
    /// What was expected, and what came instead.
    public let message: String

    /// One line with everything.
    public var description: String {
      name + (seed.map { ", seed \($0)" } ?? "") + ": " + message
    }
  }

  private let seeds: Range<UInt64>

  /// The suite; random cases are made once from each seed.
  public init(seeds: Range<UInt64> = 0..<40) {
    self.seeds = seeds
  }

  /// Runs all cases and returns what went wrong, in order.
  public func failures(of solver: any LinearSolver) -> [Failure] {
    var failures: [Failure] = []
    for one in Self.named {
      failures += Self.run(one, solver, seed: nil) { check throws in try one.body(&check) }
    }
    for one in Self.random {
      for seed in seeds {
        failures += Self.run(one, solver, seed: seed) { check throws in
          var random = SplitMix64(seed: seed)
          try one.body(&check, &random)
        }
      }
    }
    return failures
  }

  static let named = linearCases + statusCases + integerCases + limitCases

  private static func run(
    _ one: some SolverCaseName, _ solver: any LinearSolver, seed: UInt64?,
    _ body: (inout SolverCheck) throws -> Void
  ) -> [Failure] {
    var check = SolverCheck(solver: solver)
    do {
      try body(&check)
    } catch {
      check.fail("it threw \(error)")
    }
    return check.messages.map { Failure(name: one.name, seed: seed, message: $0) }
  }
}

/// What has a name to report.
protocol SolverCaseName: Sendable {
  var name: String { get }
}

/// A case with one fixed model.
struct SolverCase: SolverCaseName {
  let name: String
  let body: @Sendable (inout SolverCheck) throws -> Void
}

/// A case made from a seed.
struct RandomSolverCase: SolverCaseName {
  let name: String
  let body: @Sendable (inout SolverCheck, inout SplitMix64) throws -> Void
}
