import Drayage

/// Finds the recorded query that a request asks: by its name, else by its text.
struct QueryIndex: Sendable {
  private let table: ScoredTable
  private let byID: [String: Int]
  /// By the hash of the filler text that `RequestFile` writes for a query; made when it is first needed.
  private var byText: [UInt64: Int]?

  init(_ table: ScoredTable) {
    self.table = table
    byID = Dictionary(uniqueKeysWithValues: zip(table.queryIDs, table.queryIDs.indices))
  }

  /// The query; nil if the request names none and its text is that of none.
  ///
  /// - Throws: ``APIError`` of status 400 if it names one that is not recorded.
  mutating func query(of request: SimulatedRequest) throws(APIError) -> Int? {
    if let id = request.queryID {
      guard let query = byID[id] else {
        throw APIError(
          400, code: "unknown_query_id", param: "metadata.query_id",
          "No query '\(id.prefix(200))' is recorded in this simulation.")
      }
      return query
    }
    if case .embeddings = request.output { return nil }
    guard !request.lastUserText.isEmpty, let tokens = table.inputTokens else { return nil }
    let index = byText ?? Self.index(table, tokens)
    byText = index
    guard let query = index[FillerText.hash(of: request.lastUserText)],
      FillerText.text(tokens[query], for: table.queryIDs[query]) == request.lastUserText
    else { return nil }
    return query
  }

  private static func index(_ table: ScoredTable, _ tokens: [Int]) -> [UInt64: Int] {
    var index: [UInt64: Int] = [:]
    for (query, id) in table.queryIDs.enumerated() where tokens[query] <= RequestFile.tokenLimit {
      index[FillerText.hash(tokens[query], for: id)] = query
    }
    return index
  }
}

/// How many attempts were made at each query by each model.
struct AttemptCounts: Sendable {
  private struct Key: Hashable {
    let query: String
    let model: String
  }

  private var recorded: [Key: Int] = [:]
  /// Of requests that name no recorded query, by a hash of their text; forgotten when there are too many.
  private var others: [Key: Int] = [:]
  private static let mostOthers = 1 << 18

  /// Counts an attempt, and gives what its draws depend on.
  mutating func next(seed: UInt64, query: String?, text: String, model: String) -> Draw {
    let key = Key(query: query ?? "text:\(FillerText.hash(of: text))", model: model)
    let attempt: Int
    if query != nil {
      attempt = recorded[key, default: 0]
      recorded[key] = attempt + 1
    } else {
      attempt = others[key, default: 0]
      if others.count >= Self.mostOthers { others.removeAll() }
      others[key] = attempt + 1
    }
    return Draw(seed: seed, queryID: key.query, model: model, attempt: attempt)
  }
}
