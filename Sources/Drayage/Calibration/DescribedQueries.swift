internal import DrayageCore
internal import DrayageProfiles
internal import Foundation

/// The queries of a scored table with what is known of them beforehand, as predictors take them.
struct DescribedQueries {
  let matrix: ScoreMatrix
  /// The rows of the table that at least one model has a score on.
  let rows: [Int]
  /// Features that belong together, for the predictor.
  let groups: [Int]
  private let table: ScoredTable

  init(
    _ table: ScoredTable, workloadColumn: String?, promptColumn: String?, features: FeatureTable?
  ) throws {
    self.table = table
    let column = workloadColumn ?? (table.textColumnNames.contains("dataset") ? "dataset" : nil)
    let (names, workloadOf) = try table.workloads(by: column)
    let models = table.models.indices
    rows = table.queryIDs.indices.filter { i in models.contains { table.isScored(query: i, model: $0) } }
    let prompts = try promptColumn.map { name in
      guard let texts = table.textColumn(name) else {
        throw InputError(
          .unknown, file: table.file,
          message: "there is no descriptive column \(InputError.quoted(name)); "
            + "\(Spelling.advice(for: name, among: table.textColumnNames))")
      }
      return texts
    }
    let extractor = try prompts.map { _ in try TextFeatures() }
    let hasLength = rows.allSatisfy { i in Self.length(table, i) != nil }
    var values: [Float] = []
    for i in rows {
      if hasLength, let length = Self.length(table, i) { values.append(Float(log(Double(max(1, length))))) }
      if let features {
        guard let own = features[table.queryIDs[i]] else {
          throw InputError(
            .missing, file: table.file,
            message: "query \(InputError.quoted(table.queryIDs[i])) has no row among the features; add it")
        }
        values += own
      }
      if let extractor, let prompts {
        var room = Array(repeating: Float(0), count: extractor.dimension)
        room.withUnsafeMutableBufferPointer { extractor.write(prompts[i], into: $0) }
        values += room
      }
    }
    let parts = [hasLength ? 1 : 0, features?.dimension ?? 0, extractor?.dimension ?? 0]
    groups =
      Array(repeating: 0, count: parts[0]) + Array(repeating: 1, count: parts[1])
      + (extractor?.groups.map { $0 + 2 } ?? [])
    matrix = try ScoreMatrix(
      scores: rows.flatMap { i in models.map { table.score(query: i, model: $0) ?? .nan } },
      models: models.count, workloads: names, workloadOf: rows.map { workloadOf[$0] }, features: values,
      dimension: parts.reduce(0, +))
  }

  private static func length(_ table: ScoredTable, _ i: Int) -> Int? {
    table.models.indices.lazy.compactMap { table.inputTokens(query: i, model: $0) }.first
  }

  /// What each model is expected to cost on rows of the matrix: its mean cost in their workload, or in all, over
  /// the rows of a history. Row by row, dollars.
  func expectedCosts(of wanted: [Int], from history: [Int]) -> [Double] {
    let m = matrix.models
    let all = matrix.workloads.count
    var sums = Array(repeating: (cost: 0.0, count: 0.0), count: (all + 1) * m)
    for row in history {
      for j in 0..<m {
        guard let cost = table.cost(query: rows[row], model: j)?.dollars else { continue }
        for workload in [matrix.workloadOf[row], all] {
          sums[workload * m + j].cost += cost
          sums[workload * m + j].count += 1
        }
      }
    }
    return wanted.flatMap { row in
      (0..<m).map { j in
        let own = sums[matrix.workloadOf[row] * m + j]
        let any = own.count > 0 ? own : sums[all * m + j]
        return any.count > 0 ? any.cost / any.count : 0
      }
    }
  }
}
