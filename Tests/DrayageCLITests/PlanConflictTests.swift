import DrayageTesting
import Foundation
import Testing

/// Limits that conflict: which they are, and what each would have to become, against trying every assignment.
@Suite struct PlanConflictTests {
  /// Limits that no assignment keeps: one beyond what the table has, or several of which each can be kept.
  private static func rules(_ table: PlanTable, seed: UInt64, _ facts: [PlanFacts]) -> [PlanRule] {
    var random = SplitMix64(seed: seed &+ 5_000)
    func extreme(_ rule: PlanRule) -> Double {
      let activities = facts.map(rule.activity)
      return (rule.isMost ? activities.min() : activities.max()) ?? 0
    }
    if seed % 4 == 0 {
      // Cost, scores and misses have a least or most that the table sets.
      let rule = table.rules[[0, 1, 2][Int(seed / 4) % 3]]
      return [rule.at(rule.isMost ? extreme(rule) * 0.7 : extreme(rule) + 0.1)]
    }
    while true {
      let drawn = table.rules.shuffled(using: &random).prefix(2 + Int(seed % 2))
      let rules = drawn.map { $0.at(extreme($0)) }
      if !facts.contains(where: { facts in rules.allSatisfy { $0.isKept(facts) } }) { return rules }
    }
  }

  @Test(arguments: 0..<48 as Range<UInt64>)
  func conflictIsNamedAndWhatIsPrintedRestoresIt(seed: UInt64) async throws {
    let table = PlanTable(seed: seed, count: 7)
    let facts = table.everyFacts
    let rules = Self.rules(table, seed: seed, facts)
    let folder = try Scratch()
    try folder.write(table.csv, to: "table.csv")
    let objective = seed % 3 == 0 ? "cost" : "quality"
    func plan(_ rules: [PlanRule], _ more: String...) async throws -> Execution {
      try await folder.run(["plan", "table.csv", "--objective", objective] + rules.flatMap(\.asked) + more)
    }
    func canBeKept(_ rules: [PlanRule]) -> Bool {
      facts.contains { facts in rules.allSatisfy { $0.isKept(facts) } }
    }

    let run = try await plan(rules)
    #expect(run.errors == "", "seed \(seed)")
    try #require(run.ending == .exit(2), "seed \(seed): \(run.output)")
    #expect(run.output.hasPrefix("infeasible: "), "seed \(seed)")
    let json = try await plan(rules, "--format", "json")
    #expect(json.ending == .exit(2), "seed \(seed)")
    let document = try json.document(ConflictDocument.self)
    #expect(document.status == "infeasible")

    // What is named conflicts by itself, and is what was asked.
    let named = try document.conflict.map { row in
      try #require(rules.first { $0.name == row.name }, "seed \(seed): \(row.name)")
    }
    #expect(!canBeKept(named), "seed \(seed): \(named.map(\.name)) do not conflict")
    for (row, rule) in zip(document.conflict, named) {
      #expect(abs(row.limit - (Double(rule.limit) ?? -1)) < 1e-9)
      #expect(row.relation == (rule.isMost ? "<=" : ">="))
      #expect(run.output.prefix { $0 != "\n" }.contains("\(rule.name) \(row.relation) "), "seed \(seed)")
    }

    let printed = Self.restoring(run.output)
    let restoring = document.conflict.filter { $0.needed != nil }.map(\.name)
    #expect(Set(printed.keys) == Set(restoring), "seed \(seed)")
    for (row, rule) in zip(document.conflict, named) {
      let others = rules.filter { $0.name != rule.name }
      let kept = facts.filter { facts in others.allSatisfy { $0.isKept(facts) } }
      let activities = kept.map(rule.activity)
      guard let text = printed[rule.name], let needed = row.needed else {
        #expect(activities.isEmpty, "seed \(seed): \(rule.name) alone could restore it")
        continue
      }
      // Nothing less does it, and exactly what is printed does.
      let least = try #require(
        rule.isMost ? activities.min() : activities.max(), "seed \(seed): \(rule.name)")
      #expect(text == rule.at(least).limit, "seed \(seed): \(rule.name) \(rule.limit)")
      for limit in [text, "\(needed)"] {
        let again = try await plan(others + [rule.at(limit)])
        #expect(
          again.ending == .exit(0), "seed \(seed): \(rule.name) \(limit): \(again.output)\(again.errors)")
      }
    }
  }

  /// The limits of the table under `restores it:`, by constraint.
  private static func restoring(_ output: String) -> [String: String] {
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(where: { $0.hasSuffix("restores it:") }) else { return [:] }
    var limits: [String: String] = [:]
    for line in lines[(start + 2)...].prefix(while: { $0.hasPrefix("  ") }) {
      let words = line.split(separator: " ")
      guard words.count == 4, words[2] == "->" else { continue }
      limits[String(words[0])] = words[3].hasPrefix("$") ? String(words[3].dropFirst()) : String(words[3])
    }
    return limits
  }
}
