public import DrayageCore

/// What to expect of each model, learned from a scored table: means per workload, or a request's own row
/// where the table has it.
public struct TableProfile: Sendable {
  /// What to expect of one model for one request.
  public struct Expectation: Hashable, Sendable {
    /// The mean score.
    public var quality: Double
    /// The mean number of output tokens; `nil` if the table does not say.
    public var outputTokens: Double?
    /// How many scored answers it rests on.
    public var samples: Int
  }

  /// The models of the table.
  public let models: [String]
  private let table: ScoredTable
  private let rowOf: [String: Int]
  private let workloadOf: [String: Int]
  /// The workload of each row.
  private let workloadNames: [String]
  /// Per workload and model, then over all workloads: `workload * models.count + model`.
  private let means: [Expectation?]

  /// A profile of `table`.
  ///
  /// - Parameter workloadColumn: the descriptive column that names the workload; `nil` takes `dataset` if
  ///   there is one.
  /// - Throws: ``InputError`` if there is no such column.
  public init(_ table: ScoredTable, workloadColumn: String? = nil) throws(InputError) {
    self.table = table
    models = table.models
    let column = workloadColumn ?? (table.textColumnNames.contains("dataset") ? "dataset" : nil)
    let (names, of) = try table.workloads(by: column)
    workloadOf = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    workloadNames = of.map { names[$0] }
    rowOf = Dictionary(uniqueKeysWithValues: table.queryIDs.enumerated().map { ($1, $0) })
    var sums = Array(repeating: Sums(), count: (names.count + 1) * models.count)
    for j in models.indices {
      for i in table.queryIDs.indices {
        guard let score = table.score(query: i, model: j) else { continue }
        let tokens = table.outputTokens(query: i, model: j)
        sums[of[i] * models.count + j].add(score, tokens)
        sums[names.count * models.count + j].add(score, tokens)
      }
    }
    means = sums.map(\.mean)
  }

  private struct Sums {
    var quality = 0.0
    var tokens = 0.0
    var samples = 0
    var counted = 0

    mutating func add(_ score: Double, _ outputTokens: Int?) {
      quality += score
      samples += 1
      if let outputTokens {
        tokens += Double(outputTokens)
        counted += 1
      }
    }

    var mean: Expectation? {
      guard samples > 0 else { return nil }
      return Expectation(
        quality: quality / Double(samples), outputTokens: counted > 0 ? tokens / Double(counted) : nil,
        samples: samples)
    }
  }

  /// What to expect of a model: the request's own row if the table has it, else the mean of its workload,
  /// else of all; `nil` if the model was never scored, or not on the request's own row.
  public func expectation(model: Int, workload: String, request: String? = nil) -> Expectation? {
    if let request, let row = rowOf[request] {
      return table.score(query: row, model: model).map {
        Expectation(
          quality: $0, outputTokens: table.outputTokens(query: row, model: model).map(Double.init), samples: 1
        )
      }
    }
    if let position = workloadOf[workload], let mean = means[position * models.count + model] { return mean }
    return means[means.count - models.count + model]
  }

  /// The table's queries as a forecast: one request for each, of its workload and input length. They have no
  /// ids, so that what is expected of them are the means and not their own recorded outcomes.
  ///
  /// - Parameter maxOutputTokens: the limit on output that each of them sets.
  /// - Throws: ``InputError`` if the table does not say how long a query is.
  public func requests(maxOutputTokens: Int) throws(InputError) -> [Request] {
    var requests: [Request] = []
    for i in table.queryIDs.indices {
      // Models count differently; the longest count is on the safe side.
      guard let input = models.indices.compactMap({ table.inputTokens(query: i, model: $0) }).max() else {
        throw InputError(
          .missing, file: table.file, column: "input_tokens",
          message: "the length of query \(InputError.quoted(table.queryIDs[i])) is not known; add this column"
        )
      }
      requests.append(
        Request(workload: workloadNames[i], inputTokens: input, maxOutputTokens: maxOutputTokens))
    }
    return requests
  }

  /// The input tokens of a request that the table has a row of.
  public func inputTokens(request: String) -> Int? {
    rowOf[request].flatMap { table.inputTokens?[$0] }
  }

  /// The model of the table that an offer sells, by the offer's own name, the name on the wire, or the
  /// canonical name.
  public func model(of offer: Offer) -> Int? {
    models.firstIndex(of: offer.id.description) ?? models.firstIndex(of: offer.wireModel)
      ?? models.firstIndex(of: offer.model)
  }
}
