import DrayageCore

extension EstimateTable {
  /// A scored table taken at its word: what each model scored and cost on each query is what it is expected
  /// to do.
  ///
  /// - Parameters:
  ///   - workloadColumn: the descriptive column that names the workload; `nil` puts all queries into one.
  ///   - deadline: seconds; an answer that took longer counts as missed.
  /// - Throws: ``InputError`` if there is no such column, or a deadline is given and a scored cell has no
  ///   latency.
  public init(
    _ table: ScoredTable, workloadColumn: String? = nil, deadline: Double? = nil
  ) throws(InputError) {
    let (workloads, workloadOf) = try table.workloads(by: workloadColumn)
    let (n, m) = (table.queryIDs.count, table.models.count)
    var eligible = Array(repeating: false, count: n * m)
    var cost = Array(repeating: Int64(0), count: n * m)
    var quality = Array(repeating: 0.0, count: n * m)
    var miss = deadline.map { _ in Array(repeating: 0.0, count: n * m) }
    var tokens = table.hasTokens ? Array(repeating: 0.0, count: n * m) : nil
    var inputs = tokens
    for j in 0..<m {
      for i in 0..<n {
        guard let score = table.score(query: i, model: j), let price = table.cost(query: i, model: j) else {
          continue
        }
        let at = j * n + i
        eligible[at] = true
        cost[at] = price.nanodollars
        quality[at] = score
        if let deadline {
          guard let latency = table.latency(query: i, model: j) else {
            throw InputError(
              .missing, file: table.file, column: "\(table.models[j])|latency_s",
              message: "query \(InputError.quoted(table.queryIDs[i])) has no latency; "
                + "a deadline needs the latency of every scored answer")
          }
          miss?[at] = latency > deadline ? 1 : 0
        }
        if tokens != nil {
          let counts = (table.inputTokens(query: i, model: j), table.outputTokens(query: i, model: j))
          if case (let input?, let output?) = counts {
            tokens?[at] = Double(input + output)
            inputs?[at] = Double(input)
          } else {
            tokens?[at] = .nan
            inputs?[at] = .nan
          }
        }
      }
    }
    self.init(
      requests: table.queryIDs, workloads: workloads, workloadOf: workloadOf, offers: table.models,
      providers: table.models.map(Self.provider(ofModel:)), eligible: eligible, cost: cost, quality: quality,
      miss: miss, tokens: tokens, inputTokens: inputs)
  }

  /// The provider in a model's name: what stands after the last `@`, else before the first `/`, else the
  /// whole name.
  static func provider(ofModel name: String) -> String {
    if let at = name.lastIndex(of: "@") { return String(name[name.index(after: at)...]) }
    if let slash = name.firstIndex(of: "/") { return String(name[..<slash]) }
    return name
  }
}

extension ScoredTable {
  /// The distinct values of a descriptive column in order of appearance, and which of them each query has.
  package func workloads(by column: String?) throws(InputError) -> (names: [String], of: [Int]) {
    guard let column else { return (["all"], Array(repeating: 0, count: queryIDs.count)) }
    guard let values = textColumn(column) else {
      throw InputError(
        .unknown, file: file,
        message: "there is no descriptive column \(InputError.quoted(column)); "
          + "\(Spelling.advice(for: column, among: textColumnNames))")
    }
    var position: [String: Int] = [:]
    var names: [String] = []
    let of = values.map { name in
      if let known = position[name] { return known }
      position[name] = names.count
      names.append(name)
      return names.count - 1
    }
    return (names, of)
  }
}
