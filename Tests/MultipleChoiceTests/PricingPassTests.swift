import CPricing
import LinearOptimization
import Testing

@testable import MultipleChoice

/// The C pass against plain loops over the same columns.
@Suite struct PricingPassTests {
  /// What a problem's numbers are made of.
  enum Columns: String, CaseIterable, Sendable {
    case doubles, floats, oneFloat, features, floatsAndFeatures, doublesAndFeatures, fourDoubles
  }

  /// Random columns with random masks, classes and rows; `distinct` makes groups repeat.
  static func problem(
    _ columns: Columns, groups n: Int, options m: Int, classes: Int, distinct: Int? = nil, masked: Bool,
    seed: UInt64
  ) throws -> ChoiceProblem {
    var random = SplitMix64(seed: seed)
    let kinds = distinct ?? n
    func table() -> [Double] {
      let own = (0..<kinds * m).map { _ in 4 * random.unit() - 1 }
      return (0..<n * m).map { own[$0 / n * kinds + $0 % n % kinds] }
    }
    func doubles(_ name: String) -> ChoiceProblem.Attribute { .init(name: name, values: table()) }
    func floats(_ name: String) -> ChoiceProblem.Attribute {
      .init(name: name, values: table().map(Float.init))
    }
    func linear(_ name: String) -> ChoiceProblem.Attribute {
      .init(
        name: name,
        terms: [nil, 0, 1].map { feature in
          .init(feature: feature, coefficients: (0..<classes * m).map { _ in 2 * random.unit() - 0.5 })
        })
    }
    let attributes: [ChoiceProblem.Attribute] =
      switch columns {
      case .doubles: [doubles("a"), doubles("b")]
      case .floats: [floats("a"), floats("b")]
      case .oneFloat: [floats("a")]
      case .features: [linear("a"), linear("b")]
      case .floatsAndFeatures: [floats("a"), linear("b"), floats("c")]
      case .doublesAndFeatures: [linear("a"), doubles("b")]
      case .fourDoubles: ["a", "b", "c", "d"].map(doubles)
      }
    let ownFeatures = (0..<2).map { _ in (0..<kinds).map { _ in Float(3 * random.unit()) } }
    let classOfKind = (0..<kinds).map { $0 == 0 ? classes - 1 : Int(random.next() % UInt64(classes)) }
    let maskOfKind = (0..<kinds * m).map { $0 < kinds || random.unit() > 0.3 }
    let last = attributes.count - 1
    return try ChoiceProblem(
      groupCount: n, optionCount: m, classOf: (0..<n).map { classOfKind[$0 % kinds] },
      eligible: masked ? (0..<n * m).map { maskOfKind[$0 / n * kinds + $0 % n % kinds] } : nil,
      features: ownFeatures.map { own in (0..<n).map { own[$0 % kinds] } }, attributes: attributes,
      objective: .init(
        .maximize,
        terms: [.init(attribute: 0, weight: 2), .init(attribute: last, options: [0, m - 1], weight: -0.5)]),
      constraints: [
        .init(name: "all", attribute: last, .atMost, 3),
        .init(name: "class", attribute: 0, classes: [0], .atLeast, -2),
        .init(name: "count", attribute: nil, options: [0, m / 2], classes: [classes - 1], .atMost, 1),
        .init(name: "some", attribute: last / 2, options: [m - 1], .atLeast, 0),
      ])
  }

  @Test(arguments: Columns.allCases, [false, true]) func `a pass is what plain loops say`(
    columns: Columns, masked: Bool
  ) throws {
    for (t, (n, m, classes, distinct)) in [
      (1, 1, 1, nil), (15, 3, 2, nil), (16, 2, 1, nil), (17, 5, 3, nil), (70, 4, 3, nil), (80, 3, 2, 9),
      (9, 300, 2, nil),
    ].enumerated() as EnumeratedSequence<[(Int, Int, Int, Int?)]> {
      let seed = UInt64(1_000 + 10 * t)
      let problem = try Self.problem(
        columns, groups: n, options: m, classes: classes, distinct: distinct, masked: masked, seed: seed)
      let place: Comment = "\(columns.rawValue), masked \(masked), n \(n), m \(m), seed \(seed)"
      let isMerged = problem.columns.layout.counts != nil
      #expect(isMerged == (distinct != nil), place)
      var random = SplitMix64(seed: seed + 1)
      for round in 0..<2 {
        let scaled = ScaledProblem(problem, ignoringObjective: round == 1)
        let multipliers = scaled.rows.map { _ in random.unit() < 0.25 ? 0 : 2 * random.unit() }
        Self.check(scaled, multipliers, place)
      }
    }
  }

  /// Scaled scores of every eligible pair of a group.
  private static func scores(_ scaled: ScaledProblem, _ plain: PlainProblem, _ multipliers: [Double])
    -> [[Double]]
  {
    plain.options.indices.map { i in
      plain.options[i].indices.map { place in
        var score = plain.objective[i][place] * scaled.objectiveFactor
        for k in multipliers.indices {
          score += multipliers[k] * scaled.rows[k].sum.factor * plain.coefficients[k][i][place]
        }
        return score
      }
    }
  }

  private static func check(_ scaled: ScaledProblem, _ multipliers: [Double], _ place: Comment) {
    let plain = PlainProblem(scaled.problem)
    let layout = scaled.columns.layout
    let n = Double(plain.options.count)
    let scores = scores(scaled, plain, multipliers)
    var choice = Array(repeating: UInt16(0), count: layout.positionCount)
    let pass = PricingPass(scaled)
    let found = pass.run(multipliers, choice: &choice)
    var bound = 0.0
    var (objective, activities) = (0.0, multipliers.map { _ in 0.0 })
    for i in plain.options.indices {
      let least = scores[i].min() ?? .nan
      bound += least
      let j = Int(choice[layout.position(of: i)])
      guard let own = plain.options[i].firstIndex(of: j) else {
        Issue.record("\(place): group \(i) takes the ineligible option \(j)")
        continue
      }
      #expect(scores[i][own] - least <= 1e-12 * max(1, abs(least)), "\(place): group \(i)")
      objective += plain.objective[i][own] * scaled.objectiveFactor
      for k in activities.indices {
        activities[k] += plain.coefficients[k][i][own] * scaled.rows[k].sum.factor
      }
    }
    for (k, row) in scaled.rows.enumerated() { bound -= multipliers[k] * row.limit * n }
    #expect(agree(found.bound, bound / n, 1e-11, least: 1), place)
    let cuts = scaled.cuts(found.sums)
    let k = scaled.rowCount
    #expect(agree(cuts.objective.reduce(0, +), objective / n, 1e-11, least: 1), place)
    for row in 0..<k {
      let sum = (0..<scaled.blockCount).reduce(0) { $0 + cuts.activity[$1 * k + row] }
      #expect(agree(sum, activities[row] / n, 1e-11, least: 1), "\(place): row \(row)")
    }
    let length = scaled.columns.optionCount * scaled.planes.count
    let counted = stride(from: 0, to: layout.runs.count * length, by: scaled.planes.count)
    #expect(counted.reduce(0) { $0 + found.sums[$1] } == n, place)
    checkNear(scaled, plain, pass, multipliers, scores, choice, place)
  }

  private static func checkNear(
    _ scaled: ScaledProblem, _ plain: PlainProblem, _ pass: PricingPass, _ multipliers: [Double],
    _ scores: [[Double]], _ choice: [UInt16], _ place: Comment
  ) {
    let layout = scaled.columns.layout
    var groupAt: [Int: Int] = [:]
    for i in plain.options.indices.reversed() { groupAt[layout.position(of: i)] = i }
    let moves = pass.moves(multipliers.count)
    let runOf = RunLookup(layout)
    for distance in [0.1, Double.infinity] {
      let found = pass.near(multipliers, distance: distance, most: 1_000_000)
      #expect(found.total == found.pairs.count, place)
      var (expected, doubtful) = (0, 0)
      for (position, i) in groupAt {
        let least = scores[i].min() ?? .nan
        let segment = layout.runs[runOf[position]].segment
        for (own, j) in plain.options[i].enumerated() where j != Int(choice[position]) {
          let move = moves.move(position, segment, j, from: Int(choice[position]))
          let gap = scores[i][own] - least
          let limit = PricingPass.tieTolerance + min(distance, 1e300) * move
          if gap <= limit { expected += 1 }
          if abs(gap - limit) <= 1e-12 { doubtful += 1 }
        }
      }
      #expect(abs(found.total - expected) <= doubtful, "\(place): within \(distance)")
      for pair in found.pairs {
        guard let i = groupAt[Int(pair.position)],
          let own = plain.options[i].firstIndex(of: Int(pair.option))
        else {
          Issue.record("\(place): the pair \(pair) is padding or not eligible")
          continue
        }
        let gap = scores[i][own] - (scores[i].min() ?? .nan)
        #expect(abs(Double(pair.gap) - gap) <= 1e-7 * max(1, abs(gap)), "\(place): \(pair)")
      }
      let few = pass.near(multipliers, distance: distance, most: 2)
      #expect(few.total == found.total && few.pairs.count <= max(2 * layout.runs.count, 2), place)
    }
  }

  @Test(arguments: 0..<3) func `a sample is every so many tiles, weighted`(seed: Int) throws {
    // One run: the first row's attribute, which groups are put in order by, is the same for all of them.
    let (n, m) = (4_007, 2)
    var random = SplitMix64(seed: UInt64(seed) + 77)
    let problem = try ChoiceProblem(
      groupCount: n, optionCount: m,
      attributes: [
        .init(name: "one", values: Array(repeating: Float(1), count: n * m)),
        .init(name: "a", values: (0..<n * m).map { _ in Float(random.unit()) }),
      ],
      objective: .init(.minimize, attribute: 1),
      constraints: [.init(name: "one", attribute: 0, options: [0], .atMost, 1_000)])
    let scaled = ScaledProblem(problem)
    try #require(scaled.columns.layout.runs.count == 1)
    let pass = PricingPass(scaled, sample: 1_200)
    let tiles = scaled.columns.layout.tileCount
    let stride = tiles / (tiles * 1_200 / n)
    try #require(stride > 1)
    let looked = (0..<n).filter { $0 / Layout.tile % stride == 0 }
    let tilesLooked = (tiles + stride - 1) / stride
    #expect(abs(pass.fraction - Double(tilesLooked * Layout.tile) / Double(n)) < 1e-12)
    let multipliers = [0.3]
    let plain = PlainProblem(problem)
    let scores = Self.scores(scaled, plain, multipliers)
    let weight = Double(n) / Double(looked.count)
    let total = looked.reduce(0) { $0 + (scores[$1].min() ?? .nan) } * weight
    let bound = total / Double(n) - multipliers[0] * scaled.rows[0].limit
    let found = pass.run(multipliers)
    #expect(agree(found.bound, bound, 1e-11, least: 1), "seed \(seed)")
    let counts = (0..<m).reduce(0) { $0 + found.sums[$1 * scaled.planes.count] }
    #expect(agree(counts, Double(n), 1e-11), "seed \(seed)")
  }

  @Test func `prices and multipliers are each other's inverse`() throws {
    for columns in Columns.allCases {
      let problem = try Self.problem(columns, groups: 60, options: 4, classes: 2, masked: true, seed: 5)
      let scaled = ScaledProblem(problem)
      let multipliers = scaled.rows.indices.map { 0.1 + Double($0) }
      let back = scaled.multipliers(from: scaled.prices(from: multipliers))
      for (a, b) in zip(multipliers, back) { #expect(agree(a, b, 1e-14), "\(columns.rawValue)") }
      // The bound at the prices, in the problem's units, is the scaled one at the multipliers.
      let bound = scaled.unscaled(PricingPass(scaled).run(multipliers).bound)
      let plain = PlainProblem(problem).lagrangianBound(prices: scaled.prices(from: multipliers))
      #expect(agree(bound, plain, 1e-10, least: 1), "\(columns.rawValue)")
      #expect(
        agree(problem.lagrangianBound(prices: scaled.prices(from: multipliers)), plain, 1e-10, least: 1))
    }
  }
}
