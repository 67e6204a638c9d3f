import LinearOptimization
import Testing

/// minimize 2x + 3y, x + y >= 4, x + 3y >= 6, x in 0...10, y >= 0: by hand (3, 1), duals (1.5, 0.5), value 9.
@Suite struct ResidualsTests {
  private let model: LinearModel
  private let optimum: Solution

  init() {
    var model = LinearModel()
    let x = model.variable("x", in: 0...10)
    let y = model.variable("y", in: 0...)
    model.minimize(2 * x + 3 * y)
    model.constrain("a", x + y >= 4)
    model.constrain("b", x + 3 * y >= 6)
    self.model = model
    var optimum = Solution(.optimal, of: model)
    optimum.values = [3, 1]
    optimum.rowDuals = [1.5, 0.5]
    self.optimum = optimum
  }

  private func residuals(_ change: (inout Solution) -> Void) -> Residuals {
    var solution = optimum
    change(&solution)
    return Residuals(of: solution, in: model)
  }

  @Test func theOptimumHasNone() {
    let residuals = residuals { _ in }
    #expect(residuals.isOptimal(within: 0))
    #expect(residuals.dualObjective == 9)
  }

  @Test func rowsAndBounds() {
    #expect(residuals { $0.values = [3, 0.5] }.primal.absolute == 1.5)
    #expect(residuals { $0.values = [10.25, 1] }.primal.absolute == 0.25)
    #expect(!residuals { $0.values = [3, 0.5] }.isPrimalFeasible(within: 1e-6))
  }

  @Test func duals() {
    // A negative dual needs an upper bound, which row a has not; a reduced cost below zero one on y.
    #expect(residuals { $0.rowDuals = [-1, 0] }.dual.absolute == 1)
    #expect(residuals { $0.rowDuals = [0, 1.5] }.dual.absolute == 1.5)
    // That of x would only need its bound of 10.
    #expect(residuals { $0.rowDuals = [3, 0] }.dual.absolute == 0)
  }

  @Test func slacknessAndGap() {
    let inner = residuals { $0.values = [6, 1] }
    #expect(inner.isPrimalFeasible(within: 0))
    #expect(inner.isDualFeasible(within: 0))
    #expect(inner.complementarity.absolute == 4.5)
    #expect(inner.gap.absolute == 6)
    #expect(!inner.isOptimal(within: 1e-6))
  }

  @Test func whatIsNotANumberIsInfinitelyWrong() {
    #expect(residuals { $0.values = [.nan, 1] }.primal.absolute == .infinity)
    #expect(residuals { $0.rowDuals = [.nan, 1] }.dual.absolute == .infinity)
    #expect(!Residuals(of: Solution(.optimal, of: model), in: model).isOptimal(within: 1))
  }

  @Test func maximizingTurnsTheSigns() {
    var model = LinearModel()
    let x = model.variable("x", in: 0...)
    model.maximize(2 * x + 1)
    model.constrain("most", 4 * x <= 8)
    var solution = Solution(.optimal, of: model)
    solution.values = [2]
    solution.rowDuals = [0.5]
    #expect(Residuals(of: solution, in: model).isOptimal(within: 0))
    #expect(Residuals(of: solution, in: model).dualObjective == 5)
    solution.rowDuals = [-0.5]
    #expect(Residuals(of: solution, in: model).dual.absolute > 0)
  }

  @Test func integrality() {
    var model = model
    model.addColumn(name: "z", objective: 1, kind: .integer)
    var solution = Solution(.optimal, of: model)
    solution.values = [3, 1, 0.25]
    #expect(Residuals(of: solution, in: model).integrality.absolute == 0.25)
  }
}
