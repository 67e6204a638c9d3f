public import DrayageCore

/// What each of several models scored and cost on each of several queries: the exchange format for
/// evaluations.
///
/// The file is CSV with a header: `query_id`, any descriptive columns (such as `dataset`, `category`,
/// `split`), an optional column whose name begins with `input_tokens`, and per model `<model>|score` and
/// `<model>|cost_usd`, optionally `<model>|in_tok`, `<model>|out_tok` and `<model>|latency_s`. Cells are
/// addressed by the position of the query in ``queryIDs`` and of the model in ``models``, both from 0. There
/// is at least one query and one model; identifiers and names do not repeat; a scored cell always has a cost.
public struct ScoredTable: Sendable {
  /// The file's name, for messages.
  public let file: String
  /// The identifiers of the queries, in file order.
  public let queryIDs: [String]
  /// The names of the models, in the order of the header.
  public let models: [String]
  /// Input tokens of each query whatever the model, if the table has such a column.
  public let inputTokens: [Int]?
  /// The names of the descriptive columns, in the order of the header.
  public let textColumnNames: [String]

  /// Per model, in the order of ``models``, what was recorded on each query.
  package let columns: [Column]
  private let textColumns: [[String]]

  /// A table of parts of matching lengths.
  package init(
    file: String, queryIDs: [String], models: [String], inputTokens: [Int]?,
    textColumns: [(name: String, values: [String])], columns: [Column]
  ) {
    precondition(columns.count == models.count && columns.allSatisfy { $0.scores.count == queryIDs.count })
    self.file = file
    self.queryIDs = queryIDs
    self.models = models
    self.inputTokens = inputTokens
    textColumnNames = textColumns.map(\.name)
    self.textColumns = textColumns.map(\.values)
    self.columns = columns
  }

  /// The descriptive column `name`, one value per query; nil if the table has no such column.
  public func textColumn(_ name: String) -> [String]? {
    textColumnNames.firstIndex(of: name).map { textColumns[$0] }
  }

  /// Whether the cell was scored.
  public func isScored(query: Int, model: Int) -> Bool {
    !columns[model].scores[query].isNaN
  }

  /// The score of the cell, 0 or more, on whatever scale the judge used; nil if it was not scored.
  public func score(query: Int, model: Int) -> Double? {
    let score = columns[model].scores[query]
    return score.isNaN ? nil : score
  }

  /// The cost of the cell, rounded up to whole nano-dollars; nil only where it was not scored either.
  public func cost(query: Int, model: Int) -> Money? {
    let cost = columns[model].nanodollars[query]
    return cost < 0 ? nil : Money(nanodollars: cost)
  }

  /// The input tokens of the cell: the model's own count, else that of the query, else nil.
  public func inputTokens(query: Int, model: Int) -> Int? {
    columns[model].inputTokens.flatMap { $0[query] < 0 ? nil : Int($0[query]) } ?? inputTokens?[query]
  }

  /// The output tokens of the cell; nil where not recorded.
  public func outputTokens(query: Int, model: Int) -> Int? {
    columns[model].outputTokens.flatMap { $0[query] < 0 ? nil : Int($0[query]) }
  }

  /// The latency of the cell in seconds; nil where not recorded.
  public func latency(query: Int, model: Int) -> Double? {
    columns[model].latencies.flatMap { $0[query].isNaN ? nil : $0[query] }
  }

  /// Whether every model has a latency column.
  public var hasLatency: Bool { columns.allSatisfy { $0.latencies != nil } }

  /// Whether every model has a column of output tokens, and one of input tokens unless the queries have it.
  public var hasTokens: Bool {
    columns.allSatisfy { $0.outputTokens != nil && (inputTokens != nil || $0.inputTokens != nil) }
  }
}

extension ScoredTable {
  /// What one model did on each query, one element per query.
  package struct Column: Sendable {
    /// Scores; NaN where not scored.
    package var scores: [Double] = []
    /// Costs in nano-dollars; -1 where blank.
    package var nanodollars: [Int64] = []
    /// The model's own count of input tokens; -1 where blank.
    package var inputTokens: [Int32]?
    /// Output tokens; -1 where blank.
    package var outputTokens: [Int32]?
    /// Latency in seconds; NaN where blank.
    package var latencies: [Double]?

    func selecting(rows: [Int]) -> Column {
      Column(
        scores: rows.map { scores[$0] }, nanodollars: rows.map { nanodollars[$0] },
        inputTokens: inputTokens.map { values in rows.map { values[$0] } },
        outputTokens: outputTokens.map { values in rows.map { values[$0] } },
        latencies: latencies.map { values in rows.map { values[$0] } })
    }
  }
}

extension ScoredTable {
  /// The same queries with only `names` of the models, in that order.
  ///
  /// - Throws: ``InputError`` if there are none, one repeats, or the table has no such model.
  public func selecting(models names: [String]) throws(InputError) -> ScoredTable {
    guard !names.isEmpty else {
      throw InputError(.empty, file: file, message: "no model is selected; name at least one")
    }
    var positions: [Int] = []
    for name in names {
      guard let position = models.firstIndex(of: name) else {
        throw InputError(
          .unknown, file: file,
          message: "no model \(InputError.quoted(name)); \(Spelling.advice(for: name, among: models))")
      }
      guard !positions.contains(position) else {
        throw InputError(
          .duplicate, file: file, message: "model \(InputError.quoted(name)) is selected twice; name it once")
      }
      positions.append(position)
    }
    return ScoredTable(
      file: file, queryIDs: queryIDs, models: names, inputTokens: inputTokens,
      textColumns: Array(zip(textColumnNames, textColumns)).map { (name: $0.0, values: $0.1) },
      columns: positions.map { columns[$0] })
  }

  /// The same models on only the queries at `rows` (from 0, at least one, without repetition), in that order.
  public func selecting(rows: [Int]) -> ScoredTable {
    precondition(!rows.isEmpty && Set(rows).count == rows.count, "rows are distinct and at least one")
    return ScoredTable(
      file: file, queryIDs: rows.map { queryIDs[$0] }, models: models,
      inputTokens: inputTokens.map { values in rows.map { values[$0] } },
      textColumns: zip(textColumnNames, textColumns).map { name, values in
        (name: name, values: rows.map { values[$0] })
      },
      columns: columns.map { $0.selecting(rows: rows) })
  }
}
