import DrayageTesting
import Foundation
import LinearOptimization
import Testing

@Suite struct LPFormatWriterTests {
  private func text(_ model: LinearModel) -> String {
    var text = ""
    LPFormatWriter(model).write(to: &text)
    return text
  }

  /// The optimum as GLPK reads the text.
  private func optimumReadBack(_ text: String) throws -> Double? {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).lp")
    try text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    return GLPKSolver().optimum(ofFileAt: file.path)
  }

  private func everything() -> LinearModel {
    var model = LinearModel()
    let x = model.variables(over: ["a b", "a/b", "Ä"], in: 0...)
    let free = model.variable("free", in: .free)
    let e = model.variable("e5", in: ...7)
    let fixed = model.variable("3rd", in: .fixed(2.5))
    let n = model.variable("n", in: -3...12, kind: .integer)
    model.maximize(2 * x["a b"] + x["a/b"] - free + 0.1 * e + n + 100)
    model.constrain("sub ject", x["a b"] + x["a/b"] + x["Ä"] <= 4)
    model.constrain("range", 1e-7 * free + 2 * n, in: -2...7.5)
    model.constrain("free", free + fixed >= -6)
    model.constrain("no bounds", x["Ä"] + free, in: .free)
    model.constrain("equal", e + x["Ä"] - n == 1.0 / 3)
    return model
  }

  @Test func golden() {
    #expect(
      text(everything()) == """
        Maximize
         obj: + 2.0 x(a_b) + 1.0 x(a_b).2 - 1.0 _free + 0.1 _e5 + 1.0 n + 100.0 objective_constant
        Subject To
         sub_ject: + 1.0 x(a_b) + 1.0 x(a_b).2 + 1.0 x(_) <= 4.0
         range: + 1e-07 _free + 2.0 n >= -2.0
         range.upper: + 1e-07 _free + 2.0 n <= 7.5
         _free: + 1.0 _free + 1.0 _3rd >= -6.0
         _equal: + 1.0 x(_) + 1.0 _e5 - 1.0 n = 0.3333333333333333
        Bounds
         objective_constant = 1
         _free free
         -inf <= _e5 <= 7.0
         _3rd = 2.5
         -3.0 <= n <= 12.0
        General
         n
        End

        """)
  }

  @Test func isReadBackWithTheSameOptimum() throws {
    let model = everything()
    let solution = try GLPKSolver().solve(model)
    #expect(solution.status == .optimal)
    let read = try #require(try optimumReadBack(text(model)))
    #expect(abs(read - solution.objective) < 1e-6)
  }

  @Test(arguments: 0..<20) func randomModelsAreReadBack(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let model = RandomModel.make(using: &random)
    let solution = try GLPKSolver().solve(model)
    let read = try optimumReadBack(text(model))
    if solution.status == .optimal {
      let value = try #require(read, "seed \(seed)")
      #expect(abs(value - solution.objective) <= 1e-6 * max(1, abs(value)), "seed \(seed)")
    } else {
      #expect(read == nil, "seed \(seed)")
    }
  }

  @Test func linesAreShortAndNamesUnique() throws {
    var model = LinearModel()
    let long = String(repeating: "long name ", count: 60)
    let x = model.variables(long, over: 0..<30, in: 0...9)
    model.minimize(sum(over: 0..<30) { -1.23456789012345e-100 * x[$0] })
    model.constrain(long, sum(over: 0..<30) { -1.23456789012345 * x[$0] } >= -1.23456789012345e10)
    let lines = text(model).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 255 })
    let bounds = lines.filter { $0.contains("<= 9.0") }
    #expect(Set(bounds).count == 30)
    #expect(try optimumReadBack(text(model)) != nil)
  }

  @Test func emptyModels() throws {
    var model = LinearModel()
    model.objectiveConstant = 4
    #expect(try optimumReadBack(text(model)) == 4)
    model.objectiveConstant = 0
    #expect(try optimumReadBack(text(model)) == 0)
    model.allowsEmpty = true
    model.addRow(name: "cannot hold", lower: 5)
    #expect(try optimumReadBack(text(model)) == nil)
    model.setBounds(0..., of: RowHandle(index: 0))
    model.addColumn(name: "idle", lower: 1)
    #expect(try optimumReadBack(text(model)) == 0)
  }

  @Test func errorsOfTheReceiverPassThrough() {
    struct Full: Error {}
    #expect(throws: Full.self) { try LPFormatWriter(everything()).write { _ throws(Full) in throw Full() } }
  }
}
