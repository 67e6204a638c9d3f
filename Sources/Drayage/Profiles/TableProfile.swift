public import DrayageCore
public import DrayageProfiles

/// What to expect of each model, learned from a scored table or from a quality profile or both: what is believed
/// of its mean score per workload, or a request's own row where the table has it.
public struct TableProfile: Sendable {
  /// What to expect of one model for one request.
  public struct Expectation: Hashable, Sendable {
    /// The mean score: what is believed of it, drawn towards what the model does elsewhere where the workload
    /// has few scores, or the score of the request's own row.
    public var quality: Double
    /// The standard error of ``quality``; `nil` if it is the score of the request's own row, or scores are not
    /// between 0 and 1.
    public var standardError: Double?
    /// The mean number of output tokens; `nil` if the table does not say.
    public var outputTokens: Double?
    /// How many scored answers of the workload it rests on.
    public var samples: Int
    /// Whether it is the request's own row.
    public var isOwnRow = false
  }

  /// The models of the table, then those of which only the quality profile knows.
  public let models: [String]
  private let table: ScoredTable?
  private let rowOf: [String: Int]
  private let workloadOf: [String: Int]
  /// The workload of each row.
  private let workloadNames: [String]
  /// Per workload and model of the table, then over all workloads: `workload * table.models.count + model`.
  private let means: [Sums]
  /// The arm of each model.
  let arms: [QualityArm]
  /// What is believed of quality; `nil` if the table has scores above 1, which are taken at their means.
  private let beliefs: Beliefs?

  /// A profile of `table`.
  ///
  /// - Parameters:
  ///   - workloadColumn: the descriptive column that names the workload; `nil` takes `dataset` if there is one.
  ///   - others: what is known of quality besides, such as from feedback, by the same names of models and
  ///     workloads, in seconds since the start of 1970. It counts as if its scores stood in the table.
  ///   - instant: the time at which beliefs are asked for; the table counts as fresh.
  /// - Throws: ``InputError`` if there is no such column, or `others` are given and the table has scores
  ///   above 1; ``QualityError`` if there are too many models and workloads.
  public init(
    _ table: ScoredTable, workloadColumn: String? = nil, and others: QualityProfile? = nil,
    at instant: UTCInstant = .now
  ) throws {
    self.table = table
    let column = workloadColumn ?? (table.textColumnNames.contains("dataset") ? "dataset" : nil)
    let (names, of) = try table.workloads(by: column)
    workloadOf = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    workloadNames = of.map { names[$0] }
    rowOf = Dictionary(uniqueKeysWithValues: table.queryIDs.enumerated().map { ($1, $0) })
    let count = table.models.count
    var sums = Array(repeating: Sums(), count: (names.count + 1) * count)
    var isShare = true
    for j in table.models.indices {
      for i in table.queryIDs.indices {
        guard let score = table.score(query: i, model: j) else { continue }
        if score > 1 { isShare = false }
        let tokens = table.outputTokens(query: i, model: j)
        sums[of[i] * count + j].add(score, tokens)
        sums[names.count * count + j].add(score, tokens)
      }
    }
    means = sums
    var arms = table.models.map { QualityArm(model: $0) }
    if isShare {
      let rows = table.queryIDs.indices
      let matrix = try ScoreMatrix(
        scores: rows.flatMap { i in table.models.indices.map { table.score(query: i, model: $0) ?? .nan } },
        models: count, workloads: names, workloadOf: of)
      var quality = try others ?? QualityProfile()
      try quality.learn(matrix, arms: arms, at: Double(instant.secondsSince1970))
      arms += quality.arms.filter { !Set(arms).contains($0) }
      beliefs = Beliefs(quality, of: arms, at: instant)
    } else if others == nil {
      beliefs = nil
    } else {
      throw InputError(
        .value, file: table.file,
        message: "the table has scores above 1, which do not mix with a quality profile; scale them to 0 to 1"
      )
    }
    self.arms = arms
    models = arms.map(\.description)
  }

  /// A profile of what is known of quality without a table, at an instant; the profile counts time in seconds
  /// since the start of 1970.
  public init(_ quality: QualityProfile, at instant: UTCInstant = .now) {
    table = nil
    (rowOf, workloadOf, workloadNames, means) = ([:], [:], [], [])
    arms = quality.arms
    models = arms.map(\.description)
    beliefs = Beliefs(quality, of: arms, at: instant)
  }

  /// Estimates by workload and model, ready to be looked up.
  private struct Beliefs: Sendable {
    private let positions: [String: Int]
    private let estimates: [QualityEstimate]
    private let models: Int

    init(_ quality: QualityProfile, of arms: [QualityArm], at instant: UTCInstant) {
      let now = Double(instant.secondsSince1970)
      models = arms.count
      positions = Dictionary(uniqueKeysWithValues: quality.workloads.enumerated().map { ($1, $0) })
      // The last is for workloads that are not known; a file cannot name one like this.
      estimates = (quality.workloads + ["\u{0}"]).flatMap { workload in
        arms.map { quality.estimate($0, workload: workload, at: now) }
      }
    }

    subscript(model: Int, workload: String) -> QualityEstimate {
      // Where all are of one workload, it stands for any other.
      let position = positions.count == 1 ? 0 : positions[workload] ?? positions.count
      return estimates[position * models + model]
    }
  }

  private struct Sums: Sendable {
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

    var outputTokens: Double? { counted > 0 ? tokens / Double(counted) : nil }
  }

  /// Whether the table has a row of its own for a request.
  func hasRow(of request: String?) -> Bool { request.map { rowOf[$0] != nil } ?? false }

  /// What to expect of a model: the request's own row if the table has it, else what is believed of it on its
  /// workload; `nil` if the model was never scored, or not on the request's own row.
  public func expectation(model: Int, workload: String, request: String? = nil) -> Expectation? {
    let isOfTable = table.map { model < $0.models.count } ?? false
    if isOfTable, let table, let request, let row = rowOf[request] {
      return table.score(query: row, model: model).map {
        Expectation(
          quality: $0, outputTokens: table.outputTokens(query: row, model: model).map(Double.init),
          samples: 1,
          isOwnRow: true)
      }
    }
    var (own, all) = (Sums(), Sums())
    if isOfTable, let count = table?.models.count {
      if let position = workloadOf[workload] { own = means[position * count + model] }
      all = means[means.count - count + model]
    }
    let sums = own.samples > 0 ? own : all
    guard let beliefs else {
      guard sums.samples > 0 else { return nil }
      return Expectation(
        quality: sums.quality / Double(sums.samples), outputTokens: sums.outputTokens, samples: sums.samples)
    }
    guard sums.samples > 0 || !isOfTable else { return nil }
    let belief = beliefs[model, workload]
    return Expectation(
      quality: belief.mean, standardError: belief.standardError, outputTokens: sums.outputTokens,
      samples: own.samples)
  }

  /// The table's queries as a forecast: one request for each, of its workload and input length. They have no
  /// ids, so that what is expected of them are the means and not their own recorded outcomes.
  ///
  /// - Parameter maxOutputTokens: the limit on output that each of them sets.
  /// - Throws: ``InputError`` if the table does not say how long a query is.
  public func requests(maxOutputTokens: Int) throws(InputError) -> [Request] {
    guard let table else { return [] }
    var requests: [Request] = []
    for i in table.queryIDs.indices {
      // Models count differently; the longest count is on the safe side.
      guard let input = table.models.indices.compactMap({ table.inputTokens(query: i, model: $0) }).max()
      else {
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
    rowOf[request].flatMap { table?.inputTokens?[$0] }
  }

  /// The model that an offer sells: by the offer's own name, the name on the wire, the canonical name with its
  /// effort, or the canonical name alone.
  public func model(of offer: Offer) -> Int? {
    func arm(_ name: String, _ effort: String? = nil) -> Int? {
      arms.firstIndex(of: QualityArm(model: name, effort: effort))
    }
    return arm(offer.id.description) ?? arm(offer.wireModel)
      ?? offer.effort.flatMap { arm(offer.model, $0) } ?? arm(offer.model)
  }
}
