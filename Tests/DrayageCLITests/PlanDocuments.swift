import Foundation
import Testing

/// The JSON report of a plan.
struct PlanDocument: Decodable {
  struct Row: Decodable {
    let name: String
    let activity: Double
    let limit: Double
    let relation: String
    let shadowPrice: Double
    let meaning: String?
  }

  struct Totals: Decodable {
    let costUsd: Double
    let meanQuality: Double
  }

  let status: String
  let optimized: String
  let objective: Double
  let bound: Double
  let gap: Double
  let lpObjective: Double
  let requests: Int
  let offers: Int
  let costUsd: Double
  let meanQuality: Double
  let rows: [Row]
  let shares: [String: Double]
  let cheapest: Totals
  let best: Totals
  let solveSeconds: Double
}

/// The JSON report of a conflict.
struct ConflictDocument: Decodable {
  struct Row: Decodable {
    let name: String
    let limit: Double
    let relation: String
    let needed: Double?
    let together: Double
  }

  let status: String
  let conflict: [Row]
  let solveSeconds: Double
}

extension Execution {
  /// Standard output, which is one JSON document.
  func document<Document: Decodable>(_ type: Document.Type) throws -> Document {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(output.utf8))
  }
}

extension PlanTable {
  /// The assignment in a CSV file of `query_id,offer`, as indices of models.
  func assignment(_ csv: String) throws -> [Int] {
    let lines = csv.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "query_id,offer")
    #expect(lines.last == "" && lines.count == count + 2)
    return try lines.dropFirst().dropLast().enumerated().map { i, line in
      let fields = line.split(separator: ",")
      try #require(fields.count == 2 && fields[0] == "q\(i)", "line \(i + 2): \(line)")
      return try #require(Self.models.firstIndex(of: String(fields[1])), "line \(i + 2): \(line)")
    }
  }
}
