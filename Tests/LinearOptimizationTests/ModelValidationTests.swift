import LinearOptimization
import Testing

@Suite struct ModelValidationTests {
  /// Two columns and a row that are sound, to be spoilt.
  private func sound() -> LinearModel {
    var model = LinearModel()
    let x = model.variable("x", in: 0...)
    let y = model.variable("y", in: 0...9)
    model.minimize(x + y)
    model.constrain("r", x + 2 * y >= 3)
    return model
  }

  private func error(_ spoil: (inout LinearModel) -> Void) -> ModelError? {
    var model = sound()
    spoil(&model)
    do throws(ModelError) {
      try model.validate()
      return nil
    } catch {
      return error
    }
  }

  @Test func aSoundModelIsAccepted() throws {
    try sound().validate()
    try LinearModel().validate()
  }

  @Test func numbersThatAreNone() {
    let x = Variable(index: 0)
    #expect(error { $0.setObjective(.nan, of: x) }?.code == .notANumber)
    #expect(error { $0.setBounds(Bounds(lower: .nan), of: x) }?.column == "x")
    #expect(error { $0.objectiveConstant = .nan }?.code == .notANumber)
    let coefficient = error { $0.addRow(name: "s", lower: 0, entries: [(1, .nan)]) }
    #expect(coefficient?.code == .notANumber)
    #expect(coefficient?.row == "s")
    #expect(coefficient?.column == "y")
    #expect(error { $0.addRow(name: "s", upper: .nan, entries: [(1, 1)]) }?.row == "s")
  }

  @Test func infinities() {
    let x = Variable(index: 0)
    #expect(error { $0.setObjective(.infinity, of: x) }?.code == .infinite)
    #expect(error { $0.setBounds(Bounds(lower: .infinity), of: x) }?.code == .infinite)
    #expect(error { $0.setBounds(Bounds(upper: -.infinity), of: x) }?.code == .infinite)
    #expect(error { $0.addRow(name: "s", lower: 0, entries: [(0, -.infinity)]) }?.code == .infinite)
    #expect(error { $0.setBounds(.free, of: x) } == nil)
  }

  @Test func reversedBounds() {
    #expect(
      error { $0.setBounds(Bounds(lower: 2, upper: 1), of: Variable(index: 0)) }?.code == .reversedBounds)
    let row = error { $0.setBounds(Bounds(lower: 2, upper: 1), of: RowHandle(index: 0)) }
    #expect(row?.description == "row 'r': the lower bound 2.0 is above the upper bound 1.0: exchange them")
  }

  @Test func emptyRowsAndColumns() {
    let row = error { $0.addRow(name: "forgotten", lower: 5) }
    #expect(row?.code == .emptyRow)
    #expect(row?.row == "forgotten")
    #expect(error { $0.addRow(name: "zeros", upper: 5, entries: [(0, 0)]) }?.code == .emptyRow)
    let column = error { _ = $0.variable("idle", in: 0...1) }
    #expect(column?.code == .emptyColumn)
    #expect(column?.column == "idle")
    #expect(error { $0.addColumn(name: "cost only", objective: 1) } == nil)
    let allowed = error {
      $0.allowsEmpty = true
      $0.addRow(name: "forgotten", lower: 5)
      $0.addColumn(name: "idle")
    }
    #expect(allowed == nil)
  }

  @Test func duplicates() {
    #expect(error { $0.addColumn(name: "x", objective: 1) }?.code == .duplicateName)
    #expect(error { $0.addRow(name: "r", upper: 1, entries: [(0, 1)]) }?.code == .duplicateName)
    // Rows and columns have their own names.
    #expect(error { $0.addRow(name: "x", upper: 1, entries: [(0, 1)]) } == nil)
    let entry = error { $0.addRow(name: "s", upper: 1, entries: [(0, 1), (1, 1), (0, 2)]) }
    #expect(entry?.code == .duplicateEntry)
    #expect(entry?.row == "s")
    #expect(entry?.column == "x")
  }

  @Test(arguments: [2, -1, Int.max, Int.min]) func indexesOutOfRange(_ index: Int) {
    #expect(error { $0.addRow(name: "s", upper: 1, entries: [(index, 1)]) }?.code == .indexOutOfRange)
    #expect(error { $0.addColumn(name: "z", entries: [(index, 1)]) }?.code == .indexOutOfRange)
  }

  @Test func magnitudes() {
    let x = Variable(index: 0)
    #expect(error { $0.setObjective(1e16, of: x) }?.code == .tooLarge)
    #expect(error { $0.setBounds(...1e20, of: x) }?.code == .tooLarge)
    #expect(error { $0.addRow(name: "s", upper: 1, entries: [(0, -2e15)]) }?.code == .tooLarge)
    #expect(error { $0.setObjective(1e15, of: x) } == nil)
  }

  @Test func coefficientsThatVanishBesideOthers() {
    let vanishing = error { $0.addRow(name: "s", upper: 1, entries: [(0, 1e-14), (1, 1)]) }
    #expect(vanishing?.code == .coefficientRange)
    #expect(vanishing?.row == "s")
    #expect(vanishing?.column == "x")
    // Units that make a whole row or a whole column small are fine.
    #expect(error { $0.addRow(name: "s", upper: 1, entries: [(0, 1e-14), (1, 1e-14)]) } == nil)
  }

  @Test(arguments: [
    SolveOptions(timeLimit: -1), SolveOptions(timeLimit: .nan), SolveOptions(iterationLimit: -1),
    SolveOptions(primalTolerance: 0), SolveOptions(dualTolerance: 1), SolveOptions(dualTolerance: .nan),
    SolveOptions(mipGap: -0.1), SolveOptions(mipGap: .nan),
  ]) func optionsOutOfRange(_ options: SolveOptions) {
    let error = #expect(throws: ModelError.self) { try GLPKSolver().solve(sound(), options: options) }
    #expect(error?.code == .badOption)
  }
}
