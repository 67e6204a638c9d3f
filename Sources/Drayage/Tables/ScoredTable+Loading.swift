import DrayageCore

extension ScoredTable {
  /// The largest score accepted. Judges' scales differ, but sums of scores must stay finite.
  static let scoreLimit = 1e9
  /// The largest cost of one cell accepted.
  static let costLimit = Money(nanodollars: 1_000_000_000_000_000)
  /// The largest count of tokens in one cell accepted.
  static let tokenLimit = 1_000_000_000
  /// The longest latency of one cell accepted, in seconds: eleven days.
  static let latencyLimit = 1e6

  /// Loads the table at `path`.
  ///
  /// - Throws: ``InputError`` with the line and column of the first thing wrong.
  public init(contentsOf path: String) throws(InputError) {
    try self.init(bytes: InputFile.bytes(at: path), file: path)
  }

  /// Loads the table in `bytes`; `file` names it in messages.
  ///
  /// - Throws: ``InputError`` with the line and column of the first thing wrong.
  public init(bytes: [UInt8], file: String) throws(InputError) {
    var reader = try CSVReader(bytes, file: file)
    let layout = try Layout(reader)
    var rows = Rows(layout)
    while try reader.next() {
      try rows.append(reader, layout)
    }
    guard !rows.queryIDs.isEmpty else {
      throw InputError(.empty, file: file, message: "has a header and no rows; add a row per query")
    }
    self.init(
      file: file, queryIDs: rows.queryIDs, models: layout.models,
      inputTokens: layout.has(.inputTokens) ? rows.inputTokens : nil,
      textColumns: zip(layout.textNames, rows.texts).map { (name: $0, values: $1) }, columns: rows.columns)
  }
}

/// The rows read so far.
private struct Rows {
  var queryIDs: [String] = []
  var inputTokens: [Int] = []
  var texts: [[String]]
  var columns: [ScoredTable.Column]
  private var lineOfID: [String: Int] = [:]

  init(_ layout: ScoredTable.Layout) {
    texts = Array(repeating: [], count: layout.textNames.count)
    columns = layout.models.indices.map { model in
      ScoredTable.Column(
        inputTokens: layout.has(.modelInputTokens(model: model)) ? [] : nil,
        outputTokens: layout.has(.outputTokens(model: model)) ? [] : nil,
        latencies: layout.has(.latency(model: model)) ? [] : nil)
    }
  }

  mutating func append(_ reader: CSVReader, _ layout: ScoredTable.Layout) throws(InputError) {
    for (position, role) in layout.roles.enumerated() {
      switch role {
      case .queryID:
        try appendID(reader, position)
      case .text(let index):
        texts[index].append(reader.text(position))
      case .inputTokens:
        guard let tokens = try tokens(reader, position) else {
          throw reader.error(.missing, at: position, "is blank; write the query's input tokens")
        }
        inputTokens.append(Int(tokens))
      case .score(let model):
        let score = try reader.number(position, what: "a score", limit: ScoredTable.scoreLimit)
        columns[model].scores.append(score ?? .nan)
      case .cost(let model):
        let cost = try reader.money(position, limit: ScoredTable.costLimit)
        columns[model].nanodollars.append(cost?.nanodollars ?? -1)
      case .modelInputTokens(let model):
        let count = try tokens(reader, position) ?? -1
        columns[model].inputTokens?.append(count)
      case .outputTokens(let model):
        let count = try tokens(reader, position) ?? -1
        columns[model].outputTokens?.append(count)
      case .latency(let model):
        let latency = try reader.number(
          position, what: "a latency in seconds", limit: ScoredTable.latencyLimit)
        columns[model].latencies?.append(latency ?? .nan)
      }
    }
    let row = queryIDs.count - 1
    for (model, column) in columns.enumerated() where column.nanodollars[row] < 0 && !column.scores[row].isNaN
    {
      let position = layout.positions[.cost(model: model)] ?? 0
      throw reader.error(
        .missing, at: position, "is blank though the score is not; write the cost, or blank the score")
    }
  }

  private mutating func appendID(_ reader: CSVReader, _ position: Int) throws(InputError) {
    let id = reader.text(position)
    guard !id.isEmpty else {
      throw reader.error(.missing, at: position, "is blank; write an identifier")
    }
    if let line = lineOfID.updateValue(reader.line, forKey: id) {
      throw reader.error(
        .duplicate, at: position,
        "\(InputError.quoted(id)) is already on line \(line); remove one of the two rows")
    }
    queryIDs.append(id)
  }

  private func tokens(_ reader: CSVReader, _ position: Int) throws(InputError) -> Int32? {
    try reader.wholeNumber(position, what: "a token count", limit: ScoredTable.tokenLimit).map { Int32($0) }
  }
}
