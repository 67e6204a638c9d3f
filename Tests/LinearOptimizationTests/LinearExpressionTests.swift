import LinearOptimization
import Testing

@Suite struct LinearExpressionTests {
  private let x = Variable(index: 0)
  private let y = Variable(index: 1)

  private func terms(_ expression: LinearExpression) -> [Int: Double] {
    Dictionary(uniqueKeysWithValues: expression.combinedTerms.map { ($0.variable.index, $0.coefficient) })
  }

  @Test func operatorsCombineTerms() {
    let expression = 2 * x - (y - 3) / 2 + x * 0.5 + 1 - -y
    #expect(terms(expression) == [0: 2.5, 1: 0.5])
    #expect(expression.constant == 2.5)
    #expect(terms(4 - x + 2) == [0: -1])
    #expect((4 - x + 2).constant == 6)
  }

  @Test func inPlaceOperators() {
    var expression = LinearExpression(1)
    expression += x
    expression -= 3 * y + 2
    #expect(terms(expression) == [0: 1, 1: -3])
    #expect(expression.constant == -1)
  }

  @Test func termsThatCancelAreLeftOut() {
    #expect(terms(x + y - x) == [1: 1])
  }

  @Test func sums() {
    #expect(terms(sum(over: 1...4) { Double($0) * x }) == [0: 10])
    #expect(terms(sum(over: [Int]()) { Double($0) * x }).isEmpty)
  }

  @Test func relationsMoveConstantsToTheRight() {
    #expect((2 * x + 1 <= y + 4).bounds == Bounds(upper: 3))
    #expect((2 * x + 1 >= 4).bounds == Bounds(lower: 3))
    #expect((5 >= x + 1).bounds == Bounds(upper: 4))
    #expect((5 <= x).bounds == Bounds(lower: 5))
    #expect((x - 1 == 3).bounds == .fixed(4))
    #expect((3 == x - 1).bounds == .fixed(4))
    let between: LinearConstraint = x == y
    #expect(between.bounds == .fixed(0))
    #expect(between.terms.map(\.coefficient) == [1, -1])
    #expect(LinearConstraint(x + 1, in: 2...5).bounds == (1...4).bounds)
  }

  @Test func aModelReadsLikeTheMathematics() throws {
    let routes = ["north", "south"]
    var model = LinearModel()
    let x = model.variables(over: routes, in: 0...)
    let open = model.binary("open")
    model.minimize(sum(over: routes) { ($0 == "north" ? 2 : 3) * x[$0] } + 4 * open)
    let demand = model.constrain("demand", sum(over: routes) { x[$0] } == 5)
    model.constrain("north", x["north"] <= 3 * open)
    #expect(model.columns.map(\.name) == ["x[north]", "x[south]", "open"])
    #expect(model.rows.map(\.name) == ["demand", "north"])
    #expect(demand.index == 0)
    #expect(Array(x).map(\.index) == [0, 1])
    let solution = try GLPKSolver().solve(model)
    #expect(solution[open] == 0)
    #expect(solution.objective == 15)
    #expect(solution[x["north"] + 2 * x["south"] + 1] == 11)
  }

  @Test func bulkAndFormulationAgree() {
    var written = LinearModel()
    let a = written.variable("a", in: 0...4)
    let b = written.variable("b", in: ...2, kind: .integer)
    written.maximize(a + 2 * b + 7)
    written.constrain("r", 3 * a - b, in: -1...6)

    var filled = LinearModel()
    filled.reserve(columns: 2, rows: 1, entries: 2)
    filled.addColumn(name: "a", lower: 0, upper: 4, objective: 1)
    filled.addColumn(name: "b", upper: 2, objective: 2, kind: .integer)
    filled.addRow(name: "r", lower: -1, upper: 6, entries: [(0, 3), (1, -1)])
    filled.sense = .maximize
    filled.objectiveConstant = 7

    #expect(written.columns == filled.columns)
    #expect(written.rows == filled.rows)
    #expect(written.matrixByRow().values == filled.matrixByRow().values)
    #expect(written.matrixByColumn().values == [3, -1])
  }

  @Test func aNewObjectiveReplacesTheOld() {
    var model = LinearModel()
    let x = model.variables(over: 0..<2, in: 0...)
    model.minimize(x[0] + x[1] + 3)
    model.maximize(x[1] + x[1])
    #expect(model.columns.map(\.objective) == [0, 2])
    #expect(model.objectiveConstant == 0)
    #expect(model.sense == .maximize)
  }
}
