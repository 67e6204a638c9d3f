import DrayageTesting

/// A small scored table whose plans can be recomputed, and found by trying them all.
struct PlanTable {
  struct Cell {
    /// In twentieths.
    var score: Int
    /// In micro-dollars.
    var cost: Int
    /// Output tokens.
    var tokens: Int
    /// In tenths of a second.
    var latency: Int
  }

  static let models = ["Small_1@acme", "Big-XL@acme", "huge@zen"]

  let workloads: [String]
  let inputTokens: [Int]
  /// By query, then by model.
  let cells: [[Cell]]

  var count: Int { cells.count }

  /// Random queries; scores are 0 or 1 for even seeds and lie between for odd ones. Dearer models are slower and
  /// better, mostly.
  init(seed: UInt64, count: Int) {
    var random = SplitMix64(seed: seed)
    workloads = (0..<count).map { $0 % 3 == 0 ? "chat" : "math" }
    inputTokens = (0..<count).map { _ in .random(in: 10...500, using: &random) }
    cells = (0..<count).map { _ in
      let size = Int.random(in: 50...400, using: &random)
      return Self.models.indices.map { j in
        let score =
          seed % 2 == 0
          ? (Int.random(in: 0...9, using: &random) < 4 + 2 * j ? 20 : 0)
          : min(20, Int.random(in: 0...12, using: &random) + 4 * j)
        return Cell(
          score: score, cost: size * [3, 17, 71][j] + Int.random(in: 0...99, using: &random), tokens: size,
          latency: size * (2 + j) / 50 + Int.random(in: 0...9, using: &random))
      }
    }
  }

  var csv: String {
    let columns = ["score", "cost_usd", "out_tok", "latency_s"]
    let header =
      ["query_id", "kind", "input_tokens"] + Self.models.flatMap { model in columns.map { "\(model)|\($0)" } }
    let rows = cells.enumerated().map { i, row in
      ["q\(i)", workloads[i], "\(inputTokens[i])"]
        + row.flatMap { cell in
          let (score, latency) = (Double(cell.score) / 20, Double(cell.latency) / 10)
          return ["\(score)", Self.dollars(cell.cost), "\(cell.tokens)", "\(latency)"]
        }
    }
    return ([header] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  /// Micro-dollars as decimal dollars.
  static func dollars(_ micros: Int) -> String {
    let digits = String(micros % 1_000_000)
    return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - digits.count) + digits
  }
}

/// What an assignment of a ``PlanTable`` amounts to, by plain addition.
struct PlanFacts {
  var cost = 0
  var score = 0
  var scoreOf: [String: Int] = [:]
  var countOf: [String: Int] = [:]
  var requests = [0, 0, 0]
  var tokens = [0, 0, 0]
  private var latencies: [Int] = []

  init(_ table: PlanTable, _ assignment: [Int]) {
    for (i, j) in assignment.enumerated() {
      let cell = table.cells[i][j]
      cost += cell.cost
      score += cell.score
      scoreOf[table.workloads[i], default: 0] += cell.score
      countOf[table.workloads[i], default: 0] += 1
      requests[j] += 1
      tokens[j] += cell.tokens + table.inputTokens[i]
      latencies.append(cell.latency)
    }
  }

  /// How many take longer than `deadline` tenths of a second.
  func missed(_ deadline: Int) -> Int { latencies.count { $0 > deadline } }
}

extension PlanTable {
  /// Every assignment there is.
  func everyAssignment(_ body: ([Int]) -> Void) {
    var assignment = Array(repeating: 0, count: count)
    while true {
      body(assignment)
      guard let at = assignment.firstIndex(where: { $0 < Self.models.count - 1 }) else { return }
      assignment[at] += 1
      for i in 0..<at { assignment[i] = 0 }
    }
  }
}
