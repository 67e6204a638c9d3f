import Drayage
import DrayageCore
import Foundation

/// The provider without its sockets: takes requests and times, returns replies, keeps the books.
struct SimulatedService: Sendable {
  struct Cell: Hashable {
    let query: Int
    let model: Int
  }

  let table: ScoredTable
  let options: SimulationOptions
  /// When the service began, in Unix seconds.
  private let startedAt: Int
  private let queryIndex: [String: Int]
  private let modelIndex: [String: Int]
  private(set) var buckets: [RequestBucket?]
  private var counts: [SimulationLedger.Counts]
  private var billedAnswers: [Int]
  private var refused = 0
  /// Earlier attempts, for the draws. Requests refused by a rate limit do not count: that depends on timing.
  private var attempts: [Cell: Int] = [:]
  private var answers = IdempotencyStore(capacity: 1 << 18)
  private var serial: UInt64 = 0

  /// - Throws: ``SimulationError`` if an option is out of range, a limit names an unknown model, or token
  ///   counts are missing.
  init(table: ScoredTable, options: SimulationOptions, startedAt: Int) throws(SimulationError) {
    try options.validate()
    guard table.hasTokens else {
      throw SimulationError(
        .missingTokens,
        "\(table.file) lacks token counts, and replies must state them; "
          + "add a column input_tokens and, per model, out_tok"
      )
    }
    self.table = table
    self.options = options
    self.startedAt = startedAt
    queryIndex = Dictionary(uniqueKeysWithValues: zip(table.queryIDs, table.queryIDs.indices))
    modelIndex = Dictionary(uniqueKeysWithValues: zip(table.models, table.models.indices))
    buckets = try Self.buckets(for: table.models, options)
    counts = Array(repeating: SimulationLedger.Counts(), count: table.models.count)
    billedAnswers = Array(repeating: 0, count: table.queryIDs.count)
  }

  /// The books as they stand.
  var ledger: SimulationLedger {
    SimulationLedger(
      models: Dictionary(uniqueKeysWithValues: zip(table.models, counts)),
      billedAnswers: Dictionary(
        uniqueKeysWithValues: zip(table.queryIDs, billedAnswers).filter { $0.1 > 0 }.map { ($0.0, $0.1) }),
      refused: refused)
  }

  /// The models that answer.
  var modelList: Reply {
    Reply(json: ModelList(data: table.models.map { ModelList.Model(id: $0, created: startedAt) }))
  }

  /// Counts a request that broke the protocol.
  mutating func refuse(_ error: APIError) -> Reply {
    refused += 1
    return Reply(error)
  }

  /// Answers a chat completion request that arrived at `now`, in seconds since the start.
  mutating func complete(_ body: Data, idempotencyKey key: String?, at now: Double) -> Reply {
    do {
      return try answer(body, idempotencyKey: key, at: now)
    } catch {
      return refuse(error)
    }
  }

  private mutating func answer(
    _ body: Data, idempotencyKey key: String?, at now: Double
  ) throws(APIError) -> Reply {
    let request = try ChatRequest.parse(body)
    let cell = try cell(of: request)
    let digest = key.map { _ in body.hashValueOfAllBytes } ?? 0
    if let key {
      guard (1...255).contains(key.utf8.count) else {
        throw APIError(400, code: "invalid_idempotency_key", "An idempotency key has 1 to 255 characters.")
      }
      if let earlier = answers[key] {
        guard earlier.digest == digest else {
          throw APIError(
            400, code: "idempotency_key_reused", "This idempotency key was used with another body.")
        }
        counts[cell.model].attempts += 1
        counts[cell.model].replays += 1
        return reply(with: earlier.answer, at: now)
      }
    }
    guard let (input, recorded) = tokens(of: cell) else {
      throw APIError(
        404, code: "answer_not_recorded",
        "No answer of '\(request.model)' to query '\(request.queryID)' is recorded.")
    }

    counts[cell.model].attempts += 1
    if options.speed.isFinite, let wait = buckets[cell.model]?.take(at: now * options.speed) {
      counts[cell.model].limited += 1
      return tooManyRequests(cell, wait: wait)
    }
    let draw = Draw(
      seed: options.seed, queryID: request.queryID, model: request.model, attempt: attempts[cell, default: 0])
    attempts[cell, default: 0] += 1
    let fault = options.faults.fault(for: draw)
    if let fault {
      counts[cell.model].add(fault)
      if !fault.isBilled { return refusal(fault, cell) }
    }

    let output = min(recorded, request.outputLimit ?? .max)
    let latency =
      table.latency(query: cell.query, model: cell.model)
      ?? options.latency.seconds(writing: output, draw: draw)
    serial += 1
    let answer = Answer(
      query: cell.query, model: cell.model, inputTokens: input, outputTokens: output,
      isCut: output < recorded,
      serial: serial, latency: latency, ready: now + latency / options.speed,
      created: startedAt + Int(min(now, 1e9)))
    bill(answer)
    if let key { answers.insert(IdempotencyStore.Entry(digest: digest, answer: answer), for: key) }
    return reply(with: answer, at: now, fault: fault)
  }

  private func cell(of request: ChatRequest) throws(APIError) -> Cell {
    guard let model = modelIndex[request.model] else {
      throw APIError(
        404, code: "model_not_found",
        "The model `\(request.model.prefix(200))` does not exist or you do not have access to it.")
    }
    guard let query = queryIndex[request.queryID] else {
      throw APIError(
        400, code: "unknown_query_id", param: "metadata.query_id",
        "No query '\(request.queryID.prefix(200))' is recorded in this simulation.")
    }
    return Cell(query: query, model: model)
  }

  /// The recorded tokens of the cell; nil where the table has no complete record.
  private func tokens(of cell: Cell) -> (input: Int, output: Int)? {
    guard table.cost(query: cell.query, model: cell.model) != nil,
      let input = table.inputTokens(query: cell.query, model: cell.model),
      let output = table.outputTokens(query: cell.query, model: cell.model)
    else { return nil }
    return (input, output)
  }

  private mutating func bill(_ answer: Answer) {
    let usage = TokenUsage(input: answer.inputTokens, output: answer.outputTokens)
    let amount =
      options.pricing?(table.models[answer.model], usage)
      ?? table.cost(query: answer.query, model: answer.model) ?? .zero
    counts[answer.model].bill(
      input: answer.inputTokens, output: answer.outputTokens, nanodollars: amount.nanodollars)
    billedAnswers[answer.query] += 1
  }

  private static func buckets(
    for models: [String], _ options: SimulationOptions
  ) throws(SimulationError) -> [RequestBucket?] {
    var named: [String: RequestLimit] = [:]
    var common: RequestLimit?
    for limit in options.limits {
      guard let model = limit.model else {
        common = limit
        continue
      }
      guard models.contains(model) else {
        throw SimulationError(
          .unknownModel, "a limit names the model '\(model)'; \(Spelling.advice(for: model, among: models))")
      }
      named[model] = limit
    }
    return models.map { (named[$0] ?? common).map(RequestBucket.init) }
  }
}

extension Data {
  /// A hash of every byte, good within this process.
  fileprivate var hashValueOfAllBytes: Int {
    var hasher = Hasher()
    withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize()
  }
}
