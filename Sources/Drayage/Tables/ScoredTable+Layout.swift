extension ScoredTable {
  /// What each column of a table's header holds.
  struct Layout {
    /// The role of one column. Models and descriptive columns are numbered from 0 in the order of the header.
    enum Role: Hashable {
      case queryID
      case text(Int)
      case inputTokens
      case score(model: Int)
      case cost(model: Int)
      case modelInputTokens(model: Int)
      case outputTokens(model: Int)
      case latency(model: Int)
    }

    /// One per column of the file.
    private(set) var roles: [Role] = []
    private(set) var models: [String] = []
    private(set) var textNames: [String] = []
    /// The position in the file of the column of each role.
    private(set) var positions: [Role: Int] = [:]

    /// - Throws: ``InputError`` if a column is missing, unknown or doubled.
    init(_ reader: CSVReader) throws(InputError) {
      var modelIndices: [String: Int] = [:]
      for (position, name) in reader.header.enumerated() {
        let role = try role(of: name, at: position, in: reader, modelIndices: &modelIndices)
        if let earlier = positions.updateValue(position, forKey: role) {
          throw reader.error(
            .duplicate, at: position,
            "means the same as column \(InputError.quoted(reader.header[earlier])); keep one of the two")
        }
        roles.append(role)
      }
      guard positions[.queryID] != nil else {
        throw InputError(
          .missing, file: reader.file, line: 1, column: "query_id",
          message: "missing; add a column with an identifier per query")
      }
      guard !models.isEmpty else {
        throw InputError(
          .missing, file: reader.file, line: 1,
          message: "no column ends in '|score'; per model, '<model>|score' and '<model>|cost_usd' are needed")
      }
      for (index, model) in models.enumerated() {
        for (role, suffix) in [(Role.score(model: index), "score"), (.cost(model: index), "cost_usd")]
        where positions[role] == nil {
          throw InputError(
            .missing, file: reader.file, line: 1, column: "\(model)|\(suffix)",
            message: "missing, though the model has other columns; add it, or remove the model's columns")
        }
      }
    }

    func has(_ role: Role) -> Bool { positions[role] != nil }

    private mutating func role(
      of name: String, at position: Int, in reader: CSVReader, modelIndices: inout [String: Int]
    ) throws(InputError) -> Role {
      if name == "query_id" { return .queryID }
      if name.hasPrefix("input_tokens") { return .inputTokens }
      guard let bar = name.lastIndex(of: "|") else {
        textNames.append(name)
        return .text(textNames.count - 1)
      }
      let model = String(name[..<bar])
      guard !model.isEmpty else {
        throw reader.error(.missing, at: position, "no model before the '|'; write '<model>\(name)'")
      }
      let index = modelIndices[model] ?? models.count
      let suffix = name[name.index(after: bar)...]
      let role: Role
      switch suffix {
      case "score": role = .score(model: index)
      case "cost_usd": role = .cost(model: index)
      case "in_tok", "in_tok_cl100k": role = .modelInputTokens(model: index)
      case "out_tok", "out_tok_cl100k": role = .outputTokens(model: index)
      case "latency_s": role = .latency(model: index)
      default:
        throw reader.error(
          .unknown, at: position,
          "\(InputError.quoted(String(suffix))) after '|' is not known; "
            + "use score, cost_usd, in_tok, out_tok or latency_s"
        )
      }
      if index == models.count {
        models.append(model)
        modelIndices[model] = index
      }
      return role
    }
  }
}
