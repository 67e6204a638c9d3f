import DrayageTesting
import LinearOptimization
import Testing

/// What `drayage plan` answers, against plain addition and against trying every assignment there is.
@Suite struct PlanOptimumTests {
  /// A question that some assignment answers: the limits are what one drawn at random makes of them.
  private struct Question {
    let table: PlanTable
    let rules: [PlanRule]
    let objective: String

    init(seed: UInt64, kinds: [Int]) {
      var random = SplitMix64(seed: seed &+ 1_000)
      table = PlanTable(seed: seed, count: 7)
      let witness = PlanFacts(table, (0..<table.count).map { _ in Int.random(in: 0...2, using: &random) })
      rules = kinds.map { [table] in
        let rule = table.rules[$0]
        return rule.at(rule.activity(witness))
      }
      objective = Bool.random(using: &random) ? "cost" : "quality"
    }

    /// The objective of an assignment: dollars, or the sum of the scores.
    func value(_ facts: PlanFacts) -> Double {
      objective == "cost" ? Double(facts.cost) / 1e6 : Double(facts.score) / 20
    }

    /// The best of all assignments that keep the rules.
    var best: Double? {
      let kept = table.everyFacts.filter { facts in rules.allSatisfy { $0.isKept(facts) } }
      return objective == "cost" ? kept.map(value).min() : kept.map(value).max()
    }
  }

  /// Each kind of constraint alone, with several seeds, then kinds by twos and threes.
  private static var questions: [(seed: UInt64, kinds: [Int])] {
    var questions: [(seed: UInt64, kinds: [Int])] = []
    for seed in 0..<24 as Range<UInt64> { questions.append((seed, [Int(seed / 3)])) }
    for seed in 100..<116 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let kinds = Array(0..<8).shuffled(using: &random)
      questions.append((seed, kinds.prefix(2 + Int(seed % 2)).sorted()))
    }
    return questions
  }

  @Test(arguments: questions) func planIsOptimalAndAddsUp(seed: UInt64, kinds: [Int]) async throws {
    let question = Question(seed: seed, kinds: kinds)
    let table = question.table
    let folder = try Scratch()
    try folder.write(table.csv, to: "table.csv")
    let run = try await folder.run(
      ["plan", "table.csv", "--objective", question.objective, "--format", "json"]
        + ["--assignment", "out.csv", "--write-lp", "out.lp"] + question.rules.flatMap(\.asked))
    try #require(run.ending == .exit(0), "seed \(seed), kinds \(kinds): \(run.output)\(run.errors)")
    #expect(run.errors == "")
    let plan = try run.document(PlanDocument.self)
    let facts = PlanFacts(table, try table.assignment(folder.read("out.csv")))
    let best = try #require(question.best)

    #expect(plan.optimized == question.objective && plan.requests == table.count && plan.offers == 3)
    #expect(isClose(plan.objective, question.value(facts)), "seed \(seed)")
    #expect(isClose(plan.costUsd, Double(facts.cost) / 1e6), "seed \(seed)")
    #expect(isClose(plan.meanQuality, Double(facts.score) / 20 / Double(table.count)), "seed \(seed)")
    #expect(
      plan.shares
        == Dictionary(
          uniqueKeysWithValues: zip(PlanTable.models, facts.requests).filter { $1 > 0 }
            .map { ($0, Double($1) / Double(table.count)) }), "seed \(seed)")

    #expect(plan.rows.map(\.name) == question.rules.map(\.name), "seed \(seed)")
    for (row, rule) in zip(plan.rows, question.rules) {
      #expect(isClose(row.activity, rule.activity(facts)), "seed \(seed), \(row.name)")
      #expect(isClose(row.limit, Double(rule.limit) ?? -1), "seed \(seed), \(row.name)")
      #expect(row.relation == (rule.isMost ? "<=" : ">="))
      #expect(rule.isKept(facts), "seed \(seed), \(row.name)")
      #expect((row.meaning == nil) == (abs(row.shadowPrice) <= 1e-12), "seed \(seed), \(row.name)")
      // More of what helps cannot hurt: looser limits lower the cost and raise the quality.
      let helps = (question.objective == "cost") == rule.isMost ? -row.shadowPrice : row.shadowPrice
      #expect(helps >= -1e-9, "seed \(seed), \(row.name)")
    }

    // The bound holds for the best, and the plan is within its gap; `optimal` is the best.
    let sign = question.objective == "cost" ? 1.0 : -1
    #expect(sign * plan.bound <= sign * best + 1e-9, "seed \(seed): best \(best), bound \(plan.bound)")
    #expect(abs(question.value(facts) - best) <= plan.gap + 1e-9, "seed \(seed): best \(best)")
    #expect(isClose(plan.gap, abs(plan.objective - plan.bound)), "seed \(seed)")
    #expect(sign * plan.lpObjective <= sign * best + 1e-9, "seed \(seed)")
    #expect(plan.status == "optimal" || plan.status == "feasible")
    if plan.status == "optimal" {
      #expect(isClose(question.value(facts), best), "seed \(seed): best \(best)")
    }

    // The program that was written has the optimum that was reported, in nano-dollars or quality.
    #expect(try folder.read("out.lp").hasPrefix(question.objective == "cost" ? "Minimize" : "Maximize"))
    let read = GLPKSolver().optimum(ofFileAt: folder.path("out.lp"))
    let unit = question.objective == "cost" ? 1e9 : 1
    #expect(isClose(try #require(read) / unit, plan.lpObjective), "seed \(seed)")
  }

  @Test func onlyTheOffersNamedAreUsed() async throws {
    let table = PlanTable(seed: 5, count: 7)
    let folder = try Scratch()
    try folder.write(table.csv, to: "table.csv")
    let run = try await folder.run(
      "plan", "table.csv", "--offers", "huge@zen,Small_1@acme", "--format", "json", "--assignment", "out.csv")
    #expect(run.ending == .exit(0))
    let plan = try run.document(PlanDocument.self)
    let assignment = try table.assignment(folder.read("out.csv"))
    #expect(plan.offers == 2 && plan.rows.isEmpty)
    #expect(!assignment.contains(1))
    let best = table.cells.map { max($0[0].score, $0[2].score) }.reduce(0, +)
    #expect(isClose(plan.objective, Double(best) / 20))
    #expect(plan.status == "optimal")
  }

  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(1, abs(a), abs(b)) }
}
