import DrayageTesting
import LinearOptimization
import Testing

@Suite struct InfeasibilityTests {
  /// At least 10 of x + 2y, at most 12 of 3x + 3y, x and y at least zero: 12 >= 3x + 3y >= 1.5 (x + 2y) asks
  /// 12 >= 15.
  private func conflict() -> LinearModel {
    var model = LinearModel()
    let x = model.variable("x", in: 0...)
    let y = model.variable("y", in: 0...)
    model.minimize(5 * x + y)
    model.constrain("least", x + 2 * y >= 10)
    model.constrain("most", 3 * x + 3 * y <= 12)
    model.constrain("unrelated", x - y <= 100)
    return model
  }

  @Test func certificateByHand() {
    let model = conflict()
    #expect(InfeasibilityCertificate(multipliers: [1.5, -1, 0]).verify(against: model))
    #expect(InfeasibilityCertificate(multipliers: [3, -2, 0]).rows == [0, 1])
    // Not enough of one row; the wrong sign; against a row that does not matter; of the wrong length; not a
    // number.
    #expect(!InfeasibilityCertificate(multipliers: [1.6, -1, 0]).verify(against: model))
    #expect(!InfeasibilityCertificate(multipliers: [-1.5, 1, 0]).verify(against: model))
    #expect(!InfeasibilityCertificate(multipliers: [1.5, -1, -1]).verify(against: model))
    #expect(!InfeasibilityCertificate(multipliers: [1.5, -1]).verify(against: model))
    #expect(!InfeasibilityCertificate(multipliers: [1.5, -.infinity, 0]).verify(against: model))
    #expect(!InfeasibilityCertificate(multipliers: [0, 0, 0]).verify(against: model))
  }

  @Test func noCertificateHoldsForAFeasibleModel() {
    var model = conflict()
    model.setBounds(...15, of: RowHandle(index: 1))
    for a in stride(from: 0.0, through: 3, by: 0.25) {
      #expect(!InfeasibilityCertificate(multipliers: [a, -1, 0]).verify(against: model), "\(a)")
    }
  }

  @Test func boundsTakePartInTheProof() {
    var model = LinearModel()
    let x = model.variable("x", in: 0...2)
    model.minimize(x)
    model.constrain("least", x >= 3)
    #expect(InfeasibilityCertificate(multipliers: [1]).margin(against: model, tolerance: 0) == 1)
  }

  @Test func leastRelaxation() throws {
    let model = conflict()
    let result = try ElasticRelaxation(model).solve()
    // Raising "most" by 3 costs 3; lowering "least" to 8 costs 2.
    #expect(abs(result.total - 2) < 1e-9)
    #expect(abs(result.relaxations[0] + 2) < 1e-9)
    #expect(!result.isFeasible(model))
    #expect(try #require(result.certificate).verify(against: model))
  }

  @Test func weightsAndRowsThatMustStay() throws {
    let model = conflict()
    let weighted = try ElasticRelaxation(model, weights: [2, 1, 1]).solve()
    #expect(abs(weighted.total - 3) < 1e-9)
    #expect(abs(weighted.relaxations[1] - 3) < 1e-9)
    let chosen = try ElasticRelaxation(model, weights: [nil, 1, nil]).solve()
    #expect(abs(chosen.relaxations[1] - 3) < 1e-9)
    #expect(chosen.certificate != nil)
    let none = try ElasticRelaxation(model, weights: [nil, nil, 1]).solve()
    #expect(none.status == .infeasible)
    #expect(none.total.isNaN)
    #expect(try #require(none.certificate).verify(against: model))
  }

  @Test func aFeasibleModelNeedsNone() throws {
    var model = conflict()
    model.setBounds(...20, of: RowHandle(index: 1))
    let result = try ElasticRelaxation(model).solve()
    #expect(result.isFeasible(model))
    #expect(result.total == 0)
    #expect(result.certificate == nil)
  }

  @Test func integersRelaxWithoutAProof() throws {
    var model = LinearModel()
    let x = model.variable("x", in: 0...10, kind: .integer)
    model.minimize(x)
    model.constrain("half", 2 * x == 7)
    let result = try ElasticRelaxation(model).solve()
    #expect(abs(result.total - 1) < 1e-7)
    #expect(result.certificate == nil)
  }

  @Test(arguments: [[1.0, 1], [1, 0, 1], [1, -2, 1], [1, .nan, 1]]) func weightsOutOfRange(
    _ weights: [Double]
  ) {
    let error = #expect(throws: ModelError.self) {
      try ElasticRelaxation(conflict(), weights: weights).solve()
    }
    #expect(error?.code == .badOption)
  }

  @Test(arguments: 0..<60) func theProofExistsExactlyWhenThereIsNoSolution(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let model = RandomModel.make(using: &random)
    let relaxed = try ElasticRelaxation(model).solve()
    let solution = try GLPKSolver().solve(model)
    #expect(relaxed.isFeasible(model) == (solution.status == .optimal), "seed \(seed)")
    if model.hasIntegers { return }
    #expect((relaxed.certificate != nil) == (solution.status == .infeasible), "seed \(seed)")
  }
}
