import LinearOptimization
import Testing

@testable import MultipleChoice

/// One problem in every way that its numbers can be held.
@Suite struct StorageTests {
  /// Costs and qualities that single precision and features hold exactly: small whole numbers times powers of
  /// two.
  struct Numbers {
    let n: Int
    let m: Int
    let classOf: [Int]
    let sizes: [Float]
    let lengths: [Float]
    /// By `class * m + option`.
    let perSize: [Double]
    let perLength: [Double]
    let base: [Double]
    let quality: [Double]
    let eligible: [Bool]

    init(groups n: Int, options m: Int, classes: Int, seed: UInt64, distinct: Int? = nil) {
      var random = SplitMix64(seed: seed)
      let kinds = distinct ?? n
      func whole(_ most: UInt64) -> Double { Double(random.next() % most) }
      (self.n, self.m) = (n, m)
      let classOfKind = (0..<kinds).map { $0 == 0 ? classes - 1 : Int(whole(UInt64(classes))) }
      let size = (0..<kinds).map { _ in Float(1 + whole(200)) }
      let length = (0..<kinds).map { _ in Float(1 + whole(90)) }
      perSize = (0..<classes * m).map { _ in (1 + whole(60)) / 64 }
      perLength = (0..<classes * m).map { _ in (1 + whole(60)) / 32 }
      base = (0..<classes * m).map { _ in whole(8) / 2 }
      let score = (0..<kinds * m).map { _ in whole(1_024) / 1_024 }
      let open = (0..<kinds * m).map { $0 < kinds || random.unit() > 0.2 }
      classOf = (0..<n).map { classOfKind[$0 % kinds] }
      sizes = (0..<n).map { size[$0 % kinds] }
      lengths = (0..<n).map { length[$0 % kinds] }
      quality = (0..<n * m).map { score[$0 / n * kinds + $0 % n % kinds] }
      eligible = (0..<n * m).map { open[$0 / n * kinds + $0 % n % kinds] }
    }

    func cost(_ i: Int, _ j: Int) -> Double {
      let at = classOf[i] * m + j
      return base[at] + perSize[at] * Double(sizes[i]) + perLength[at] * Double(lengths[i])
    }

    /// By option, then group.
    var costs: [Double] { (0..<n * m).map { cost($0 % n, $0 / n) } }

    var formula: [ChoiceProblem.FeatureTerm] {
      [
        .init(feature: nil, coefficients: base), .init(feature: 0, coefficients: perSize),
        .init(feature: 1, coefficients: perLength),
      ]
    }

    var rows: [ChoiceProblem.SideConstraint] {
      let floor = (0..<n).reduce(0) { total, i in
        total + ((0..<m).filter { eligible[$0 * n + i] }.map { quality[$0 * n + i] }.max() ?? 0)
      }
      return [
        .init(name: "quality", attribute: 1, .atLeast, 0.8 * floor),
        .init(name: "share", attribute: nil, options: [0], .atMost, (0.4 * Double(n)).rounded()),
        .init(
          name: "class", attribute: nil, options: [1], classes: [0], .atLeast, (0.02 * Double(n)).rounded()),
      ]
    }
  }

  enum Storage: String, CaseIterable {
    case doubles, floats, closures, singleClosures, nilMask, formula, formulaAndDoubles
  }

  static func problem(
    _ numbers: Numbers, _ storage: Storage, _ rows: [ChoiceProblem.SideConstraint]? = nil
  ) throws -> ChoiceProblem {
    let (n, m, quality, eligible) = (numbers.n, numbers.m, numbers.quality, numbers.eligible)
    var mask: [Bool]? = eligible
    let attributes: [ChoiceProblem.Attribute]
    switch storage {
    case .doubles:
      attributes = [.init(name: "cost", values: numbers.costs), .init(name: "quality", values: quality)]
    case .floats:
      attributes = [
        .init(name: "cost", values: numbers.costs.map(Float.init)),
        .init(name: "quality", values: quality.map(Float.init)),
      ]
    case .closures, .singleClosures:
      let precision: ChoiceProblem.Precision = storage == .closures ? .double : .single
      attributes = [
        .init(name: "cost", precision: precision) { i, j in numbers.cost(i, j) },
        .init(name: "quality", precision: precision) { i, j in quality[j * n + i] },
      ]
    case .nilMask:
      mask = nil
      attributes = [
        .init(name: "cost", precision: .double) { i, j in numbers.cost(i, j) },
        .init(name: "quality", precision: .single) { i, j in eligible[j * n + i] ? quality[j * n + i] : nil },
      ]
    case .formula:
      attributes = [
        .init(name: "cost", terms: numbers.formula), .init(name: "quality", values: quality.map(Float.init)),
      ]
    case .formulaAndDoubles:
      attributes = [.init(name: "cost", terms: numbers.formula), .init(name: "quality", values: quality)]
    }
    return try ChoiceProblem(
      groupCount: n, optionCount: m, classOf: numbers.classOf, eligible: mask,
      features: [numbers.sizes, numbers.lengths], attributes: attributes,
      objective: .init(.minimize, attribute: 0), constraints: rows ?? numbers.rows)
  }

  static func checkNumbers(_ problem: ChoiceProblem, _ numbers: Numbers, _ place: Comment) {
    for i in 0..<numbers.n {
      for j in 0..<numbers.m {
        let isOpen = numbers.eligible[j * numbers.n + i]
        #expect(problem.isEligible(group: i, option: j) == isOpen, "\(place): \(i), \(j)")
        guard isOpen else { continue }
        #expect(
          problem.value(attribute: 0, group: i, option: j) == numbers.cost(i, j), "\(place): \(i), \(j)")
        #expect(
          problem.value(attribute: 1, group: i, option: j) == numbers.quality[j * numbers.n + i],
          "\(place): \(i), \(j)")
      }
    }
  }

  @Test(arguments: 0..<3) func `the storage does not change the answer`(seed: Int) throws {
    let numbers = Numbers(groups: 90, options: 5, classes: 3, seed: UInt64(seed) + 11)
    var first: ChoiceRelaxation?
    for storage in Storage.allCases {
      let place: Comment = "\(storage.rawValue), seed \(seed)"
      let problem = try Self.problem(numbers, storage)
      Self.checkNumbers(problem, numbers, place)
      let found = try solution(of: problem, place)
      PlainProblem(problem).check(found, place)
      let reference = first ?? found.relaxation
      first = reference
      #expect(agree(found.lpObjective, reference.objective, 1e-9), place)
      #expect(agree(found.bound, reference.bound, 1e-9), place)
      #expect(found.isProven, place)
    }
    let reference = try GLPKSolver().solve(Self.problem(numbers, .doubles).linearModel(integral: false))
    #expect(agree(first?.objective ?? .nan, reference.objective, 1e-8), "seed \(seed)")
  }

  /// No dense value can say there which pairs are not eligible.
  @Test(arguments: 0..<4) func `masks hold with features only`(seed: Int) throws {
    let numbers = Numbers(groups: 80, options: 5, classes: 2, seed: UInt64(seed) + 31)
    let cheapest = (0..<numbers.n).reduce(0) { total, i in
      total
        + ((0..<numbers.m).filter { numbers.eligible[$0 * numbers.n + i] }.map { numbers.cost(i, $0) }.min()
          ?? 0)
    }
    let rows: [ChoiceProblem.SideConstraint] = [
      .init(name: "cost", attribute: 0, .atMost, 1.2 * cheapest),
      .init(name: "some", attribute: nil, options: [1, 2], .atLeast, 10),
    ]
    let weigh = ChoiceProblem.Attribute(
      name: "use",
      terms: [.init(feature: 1, coefficients: (0..<2 * numbers.m).map { Double(($0 * 7 + seed) % 5) })])
    let problem = try ChoiceProblem(
      groupCount: numbers.n, optionCount: numbers.m, classOf: numbers.classOf, eligible: numbers.eligible,
      features: [numbers.sizes, numbers.lengths],
      attributes: [.init(name: "cost", terms: numbers.formula), weigh],
      objective: .init(.maximize, attribute: 1), constraints: rows)
    for i in 0..<numbers.n {
      for j in 0..<numbers.m {
        #expect(problem.isEligible(group: i, option: j) == numbers.eligible[j * numbers.n + i])
      }
    }
    let place: Comment = "seed \(seed)"
    let found = try solution(of: problem, place)
    PlainProblem(problem).check(found, place)
    let reference = try GLPKSolver().solve(problem.linearModel(integral: false))
    #expect(agree(found.lpObjective, reference.objective, 1e-8), place)
    // Held to another set of constraints, whose classes were not told apart.
    let other = try problem.with(
      objective: problem.objective,
      constraints: rows + [.init(name: "one", attribute: 0, classes: [1], .atMost, 0.62 * cheapest)])
    for i in 0..<numbers.n {
      for j in 0..<numbers.m {
        #expect(other.isEligible(group: i, option: j) == numbers.eligible[j * numbers.n + i])
      }
    }
    try ExactnessTests.check(other, place)
  }

  @Test(arguments: 0..<4) func `equal groups are stored once and answered one by one`(seed: Int) throws {
    for storage in [Storage.doubles, .floats, .nilMask, .formula] {
      let place: Comment = "\(storage.rawValue), seed \(seed)"
      let (n, m) = (150, 4)
      let numbers = Numbers(groups: n, options: m, classes: 2, seed: UInt64(seed) + 51, distinct: 12)
      let problem = try Self.problem(numbers, storage)
      #expect(problem.columns.layout.counts?.count { $0 > 0 } ?? 0 <= 12, place)
      Self.checkNumbers(problem, numbers, place)
      let found = try solution(of: problem, options: .init(relativeGap: 0.02), place)
      #expect(found.assignment.count == n, place)
      PlainProblem(problem).check(found, place)
      ExactnessTests.checkProof(found.relaxation, PlainProblem(problem), place)
      let reference = try GLPKSolver().solve(problem.linearModel(integral: false))
      #expect(agree(found.lpObjective, reference.objective, 1e-8), place)
    }
  }

  /// Groups that only their class tells apart must not be merged where a constraint looks at the class.
  @Test func `equal numbers in different classes stay apart where rows ask`() throws {
    let n = 60
    func problem(_ rows: [ChoiceProblem.SideConstraint]) throws -> ChoiceProblem {
      try ChoiceProblem(
        groupCount: n, optionCount: 2, classOf: (0..<n).map { $0 % 3 },
        attributes: [.init(name: "cost", values: (0..<2 * n).map { $0 < n ? 1.0 : 3.0 })],
        objective: .init(.minimize, attribute: 0), constraints: rows)
    }
    let rows = (0..<3).map { c in
      ChoiceProblem.SideConstraint(
        name: "class \(c)", attribute: nil, options: [1], classes: [c], .atLeast, Double(3 * c + 2))
    }
    let merged = try problem([])
    #expect(merged.columns.layout.counts?.max() == Double(n))
    for problem in [try problem(rows), try merged.with(objective: merged.objective, constraints: rows)] {
      let found = try solution(of: problem, "classes")
      for c in 0..<3 {
        #expect((0..<n).count { $0 % 3 == c && found.assignment[$0] == 1 } == 3 * c + 2)
        #expect(abs(found.relaxation.shares[c * 2 + 1] - Double(3 * c + 2)) < 1e-9)
      }
    }
  }

  /// `with` must come to what a problem built from the start comes to.
  @Test(arguments: 0..<3) func `other constraints may tell other classes apart`(seed: Int) throws {
    let numbers = Numbers(groups: 90, options: 4, classes: 5, seed: UInt64(seed) + 71)
    for storage in Storage.allCases {
      let place: Comment = "\(storage.rawValue), seed \(seed)"
      let before = try Self.problem(numbers, storage)
      let free = try relaxation(of: before, place)
      let rows =
        numbers.rows + [
          .init(name: "two", attribute: 1, classes: [1, 3], .atLeast, 15),
          .init(name: "cap", attribute: 0, options: [0, 2], classes: [2], .atMost, 0.02 * free.objective),
        ]
      let after = try before.with(objective: before.objective, constraints: rows)
      let fresh = try Self.problem(numbers, storage, rows)
      Self.checkNumbers(after, numbers, place)
      let (a, b) = (try ChoiceSolver().relaxation(of: after), try ChoiceSolver().relaxation(of: fresh))
      switch (a, b) {
      case (.solved(let a), .solved(let b)):
        #expect(agree(a.objective, b.objective, 1e-9), place)
        let reference = try GLPKSolver().solve(fresh.linearModel(integral: false))
        #expect(agree(a.objective, reference.objective, 1e-8), place)
      case (.infeasible, .infeasible): break
      default: Issue.record("\(place): one of the two is infeasible")
      }
    }
  }

  @Test func `another objective over the same values`() throws {
    let numbers = Numbers(groups: 60, options: 4, classes: 2, seed: 91)
    let before = try Self.problem(numbers, .floats)
    let after = try before.with(
      objective: .init(
        .maximize,
        terms: [
          .init(attribute: 1, weight: 100),
          .init(attribute: 0, options: [0, 1], classes: [1], weight: -0.25),
          .init(attribute: nil, options: [3], weight: 2),
        ]), constraints: [.init(name: "cost", attribute: 0, .atMost, 7_000)])
    let found = try solution(of: after, "terms")
    PlainProblem(after).check(found, "terms")
    let reference = try GLPKSolver().solve(after.linearModel(integral: false))
    #expect(agree(found.lpObjective, reference.objective, 1e-8))
    var value = 0.0
    for (i, j) in found.assignment.enumerated() {
      value += 100 * numbers.quality[j * numbers.n + i] + (j == 3 ? 2 : 0)
      if j < 2, numbers.classOf[i] == 1 { value -= 0.25 * numbers.cost(i, j) }
    }
    #expect(agree(found.certificate.value, value, 1e-12))
  }
}
