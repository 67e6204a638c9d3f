import Foundation
import MultipleChoice

/// Writes an instance down for other solvers: `meta.json` and one raw little-endian file per column.
struct InstanceExport {
  let folder: URL

  /// The whole description but for the columns.
  struct Meta: Codable {
    struct Column: Codable {
      let name: String
      let file: String
      /// `f4` or `f8`, whichever holds every value exactly.
      let type: String
    }

    struct Term: Codable {
      /// Absent for a count of the chosen pairs, as in ``Constraint``.
      let attribute: Int?
      /// Absent for all, like `classes`.
      let options: [Int]?
      let classes: [Int]?
      let weight: Double
    }

    struct Constraint: Codable {
      let name: String
      let attribute: Int?
      let options: [Int]?
      let classes: [Int]?
      let relation: String
      let limit: Double
    }

    let format: Int
    let groups: Int
    let options: Int
    let sense: String
    let objective: [Term]
    let constraints: [Constraint]
    let attributes: [Column]
    /// A file of the class of each group, `i4`.
    let classes: String
    /// A file of the option of each group, `i4`, if an assignment was asked for.
    let assignment: String?
  }

  func write(_ problem: ChoiceProblem, assignment: [Int]?) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let columns = try problem.attributeNames.indices.map { try write(attribute: $0, of: problem) }
    try write("classes.i4", problem.classOf.map { Int32($0).littleEndian })
    if let assignment { try write("assignment.i4", assignment.map { Int32($0).littleEndian }) }
    let meta = Meta(
      format: 1, groups: problem.groupCount, options: problem.optionCount,
      sense: problem.objective.sense == .minimize ? "minimize" : "maximize",
      objective: problem.objective.terms.map {
        Meta.Term(
          attribute: $0.attribute, options: $0.options?.sorted(), classes: $0.classes?.sorted(),
          weight: $0.weight)
      },
      constraints: problem.constraints.map {
        Meta.Constraint(
          name: $0.name, attribute: $0.attribute, options: $0.options?.sorted(),
          classes: $0.classes?.sorted(), relation: $0.relation == .atMost ? "<=" : ">=", limit: $0.limit)
      },
      attributes: columns, classes: "classes.i4", assignment: assignment.map { _ in "assignment.i4" })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try encoder.encode(meta).write(to: folder.appendingPathComponent("meta.json"))
  }

  private func write(attribute a: Int, of problem: ChoiceProblem) throws -> Meta.Column {
    let (n, m) = (problem.groupCount, problem.optionCount)
    func values(_ j: Int) -> [Double] {
      (0..<n).map { i in
        problem.isEligible(group: i, option: j) ? problem.value(attribute: a, group: i, option: j) : .nan
      }
    }
    let isSingle = (0..<m).allSatisfy { j in values(j).allSatisfy { $0.isNaN || Double(Float($0)) == $0 } }
    let column = Meta.Column(
      name: problem.attributeNames[a], file: isSingle ? "attribute\(a).f4" : "attribute\(a).f8",
      type: isSingle ? "f4" : "f8")
    let url = folder.appendingPathComponent(column.file)
    try Data().write(to: url)
    let file = try FileHandle(forWritingTo: url)
    for j in 0..<m {
      let data =
        isSingle
        ? values(j).map { Float($0).bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
        : values(j).map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
      try file.write(contentsOf: data)
    }
    try file.close()
    return column
  }

  private func write(_ name: String, _ values: [Int32]) throws {
    try values.withUnsafeBytes { Data($0) }.write(to: folder.appendingPathComponent(name))
  }
}
