import CGLPK
import DrayageTesting
import Dispatch
import Foundation
import Testing

@testable import LinearOptimization

@Suite struct GLPKSolverTests {
  private func small() -> LinearModel {
    var model = LinearModel()
    let x = model.variables(over: 0..<3, in: 0...4)
    model.maximize(x[0] + 2 * x[1] + 3 * x[2])
    model.constrain("room", x[0] + x[1] + x[2] <= 6)
    model.constrain("mix", x[2] - x[0] <= 1)
    return model
  }

  @Test func anAbortInsideIsSurvivedAgainAndAgain() throws {
    // A row that does not exist, which validation would have refused, makes GLPK call its error function.
    var broken = GLPKProblem(small())
    broken.entryRows[1] = 99
    for _ in 0..<500 {
      let answer = broken.run(from: nil)
      #expect(answer.result.code == GLPK_SHIM_ABORTED)
      #expect(try GLPKSolver().solve(small()).objective == 13)
    }
  }

  @Test func nothingIsLeftInMemory() throws {
    func blocks() -> CInt {
      var count: CInt = 0
      glp_mem_usage(&count, nil, nil, nil)
      return count
    }
    var broken = GLPKProblem(small())
    broken.entryRows[1] = 99
    _ = try GLPKSolver().solve(small())
    #expect(blocks() == 0)
    _ = broken.run(from: nil)
    #expect(blocks() == 0)
  }

  @Test func tinyCostsAreSeenAtTheFirstAttempt() {
    var model = LinearModel()
    let x = model.variables(over: 1...3, in: 0...10)
    model.minimize(sum(over: 1...3) { 1e-12 / Double($0) * x[$0] })
    model.constrain("need", sum(over: 1...3) { x[$0] } >= 15)
    let answer = once(GLPKProblem(model))
    #expect(answer.values == [0, 5, 10])
    #expect(abs(answer.rowDuals[0] - 5e-13) < 1e-20)
  }

  @Test func aBasisThatIsNoneIsReplacedAtOnce() {
    let basis = Basis(rows: [.atLower, .atLower], columns: [.atLower, .atLower, .atLower])
    #expect(once(GLPKProblem(small()), from: basis).result.code == 0)
  }

  @Test func aSearchForIntegersStopsWhenTold() {
    var model = LinearModel()
    let x = model.variables(over: 0..<3, in: 0...9, kind: .integer)
    model.maximize(x[0] + x[1] + x[2])
    model.constrain("room", 3 * x[0] + 5 * x[1] + 7 * x[2] <= 31.5)
    var problem = GLPKProblem(model)
    problem.settings.should_stop = { 1 }
    #expect(once(problem).result.mip_code == GLP_ESTOP)
  }

  /// One run with ordinary settings.
  private func once(_ problem: GLPKProblem, from basis: Basis? = nil) -> GLPKProblem.Answer {
    var problem = problem
    problem.settings.method = GLP_PRIMAL
    problem.settings.presolve = GLP_OFF
    problem.settings.primal_tolerance = 1e-9
    problem.settings.dual_tolerance = 1e-9
    problem.settings.integer_tolerance = 1e-7
    problem.settings.iteration_limit = .max
    problem.settings.time_limit = .max
    return problem.run(from: basis)
  }

  @Test func whatGLPKMeansToPrintIsKeptInstead() {
    var broken = GLPKProblem(small())
    broken.entryRows[1] = 99
    var result = broken.run(from: nil).result
    let message = withUnsafeBytes(of: &result.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    #expect(message.hasPrefix("Error detected in file"))
  }

  @Test func anIncumbentAtTheTimeLimitIsFeasibleWithABound() throws {
    // Choosing nothing is feasible, and the best choice is out of reach in the time.
    var random = SplitMix64(seed: 2)
    var model = LinearModel()
    let x = model.binaries(over: 0..<60)
    let values = (0..<60).map { _ in Double(Int.random(in: 100...199, using: &random)) }
    model.maximize(sum(over: 0..<60) { values[$0] * x[$0] })
    for i in 0..<20 {
      let weights = (0..<60).map { _ in Double(Int.random(in: 100...199, using: &random)) }
      model.constrain("room\(i)", sum(over: 0..<60) { weights[$0] * x[$0] } <= 4_400)
    }
    let solution = try GLPKSolver().solve(model, options: SolveOptions(timeLimit: 0.3))
    #expect(solution.status == .timeLimit)
    #expect(solution.primal == .feasible)
    #expect(Residuals(of: solution, in: model).isPrimalFeasible(within: 0))
    #expect(solution.bound.isFinite && solution.bound > solution.objective)
  }

  @Test func abortsInParallelDoNotMeet() {
    let model = small()
    var broken = GLPKProblem(model)
    broken.entryRows[1] = 99
    let problem = broken
    DispatchQueue.concurrentPerform(iterations: 200) { i in
      if i.isMultiple(of: 2) {
        #expect(problem.run(from: nil).result.code == GLPK_SHIM_ABORTED)
      } else {
        #expect((try? GLPKSolver().solve(model))?.objective == 13, "\(i)")
      }
    }
  }

  @Test func whatCannotBeSolvedEndsAsNumericalFailure() {
    var broken = GLPKProblem(small())
    broken.entryRows[1] = 99
    var search = GLPKSearch(model: small(), problem: broken, options: SolveOptions())
    let solution = search.run()
    #expect(solution.status == .numericalFailure)
    #expect(solution.primal == .none)
    #expect(solution.dual == .none)
  }

  @Test func anOptimumOfAnotherModelIsNotBelieved() {
    // GLPK solves the model that it is given; checked against the one that was meant, its claim does not
    // hold.
    var other = small()
    other.setBounds(...60, of: RowHandle(index: 0))
    var search = GLPKSearch(model: small(), problem: GLPKProblem(other), options: SolveOptions())
    #expect(search.run().status == .numericalFailure)
  }

  @Test func parallelSolvesAgree() async throws {
    let model = small()
    await withTaskGroup(of: Double?.self) { group in
      for _ in 0..<64 { group.addTask { try? GLPKSolver().solve(model).objective } }
      for await objective in group { #expect(objective == 13) }
    }
  }

  @Test func aCancelledTaskGetsNoAnswer() async throws {
    let model = small()
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try GLPKSolver().solve(model).status
    }
    task.cancel()
    #expect(try await task.value == .cancelled)
  }

  @Test func cancellingStopsTheSearchForIntegers() async throws {
    // Far out of reach: whole numbers that must hit three sums at once.
    var random = SplitMix64(seed: 11)
    var model = LinearModel()
    let x = model.binaries(over: 0..<50)
    let missed = model.variables("missed", over: 0..<5, in: 0...)
    model.minimize(sum(over: 0..<5) { missed[$0] })
    for i in 0..<5 {
      let weights = (0..<50).map { _ in Double(Int.random(in: 1...99, using: &random)) }
      model.constrain("most\(i)", sum(over: 0..<50) { weights[$0] * x[$0] } - missed[i] <= 1_200)
      model.constrain("least\(i)", sum(over: 0..<50) { weights[$0] * x[$0] } + missed[i] >= 1_200)
    }
    let hard = model
    let task = Task { try GLPKSolver().solve(hard, options: SolveOptions(timeLimit: 60)) }
    task.cancel()
    let solution = try await task.value
    #expect(solution.status == .cancelled)
    #expect(solution.primal != .optimal)
  }

  /// The amount is allowed only if the switch is on, which is worth its price of 2; but a part of the switch so
  /// small that it passes for zero allows it too.
  private func switched(_ most: Double) -> LinearModel {
    var model = LinearModel()
    let amount = model.variable("amount", in: 0...0.05)
    let isOn = model.binary("on")
    model.maximize(100 * amount - 2 * isOn)
    model.constrain("switch", amount <= most * isOn)
    return model
  }

  @Test func wholeNumbersInNameOnlyAreNotBelieved() throws {
    let solution = try GLPKSolver().solve(switched(1e6))
    #expect(solution.status == .optimal)
    #expect(solution.values == [0.05, 1])
  }

  @Test func whatCannotBeToldApartIsNotCalledOptimal() throws {
    let solution = try GLPKSolver().solve(switched(1e12))
    #expect(solution.status == .numericalFailure)
    #expect(solution.primal == .feasible)
    #expect(Residuals(of: solution, in: switched(1e12)).isPrimalFeasible(within: 1e-9))
    #expect(solution.bound >= 3)
  }

  @Test(arguments: [1.1, 1.1e7]) func theGapAskedForEndsTheSearch(_ unit: Double) throws {
    var random = SplitMix64(seed: 3)
    var model = LinearModel()
    let x = model.binaries(over: 0..<30)
    let values = (0..<30).map { _ in Double(Int.random(in: 10...60, using: &random)) }
    model.maximize(unit * (sum(over: 0..<30) { values[$0] * x[$0] } + 1_000))
    model.constrain("room", sum(over: 0..<30) { (values[$0] + 5) * x[$0] } <= 400)
    let exact = try GLPKSolver().solve(model)
    #expect(exact.bound == exact.objective)
    let loose = try GLPKSolver().solve(model, options: SolveOptions(mipGap: 0.5))
    #expect(loose.status == .optimal)
    #expect(loose.bound >= exact.objective)
    #expect(loose.bound <= exact.objective + 60 * unit)
    #expect(loose.objective < loose.bound)
    #expect(loose.objective > 1_000 * unit)
  }

  @Test func aLargeModelIsBuiltInLinearMemory() throws {
    var model = LinearModel()
    let (rows, columns) = (400, 8_000)
    for i in 0..<rows { model.addRow(name: "r\(i)", equals: 1) }
    for j in 0..<columns {
      model.addColumn(
        name: "c\(j)", lower: 0, objective: Double(j * 7919 % 1_000 + 1), entries: [(j % rows, 1)])
    }
    let solution = try GLPKSolver().solve(model)
    var least = Array(repeating: Double.infinity, count: rows)
    for (j, column) in model.columns.enumerated() { least[j % rows] = min(least[j % rows], column.objective) }
    #expect(solution.objective == least.reduce(0, +))
  }
}
