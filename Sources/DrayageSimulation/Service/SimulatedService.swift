import Drayage
import DrayageCore
import Foundation

/// The provider without its sockets: takes requests and times, returns replies, keeps the books.
struct SimulatedService: Sendable {
  let table: ScoredTable
  let options: SimulationOptions
  /// When the service began, in Unix seconds.
  let startedAt: Int
  var queries: QueryIndex
  let modelIndex: [String: Int]
  private(set) var limits: [ModelLimits]
  var schedule: [FaultQueue]
  var counts: [SimulationLedger.Counts]
  var billedAnswers: [Int]
  var refused = 0
  /// Earlier attempts, for the draws. Requests refused by a rate limit do not count: that depends on timing.
  var attempts = AttemptCounts()
  var answers = IdempotencyStore(capacity: 1 << 18)
  var serial: UInt64 = 0
  /// The files and jobs of the batch interfaces.
  var shelf = BatchShelf()

  /// - Throws: ``SimulationError`` if an option is out of range, a limit or the schedule names an unknown model,
  ///   or token counts are missing.
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
    queries = QueryIndex(table)
    modelIndex = Dictionary(uniqueKeysWithValues: zip(table.models, table.models.indices))
    limits = try ModelLimits.all(table.models, options.limits)
    schedule = Array(repeating: FaultQueue(), count: table.models.count)
    counts = Array(repeating: SimulationLedger.Counts(), count: table.models.count)
    billedAnswers = Array(repeating: 0, count: table.queryIDs.count)
    try setSchedule(options.schedule)
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
    let models: [JSONValue] = table.models.map {
      [
        "id": .string($0), "object": "model", "created": .int(startedAt), "owned_by": "drayage-simulation",
      ]
    }
    return Reply(["object": "list", "data": .array(models)])
  }

  /// What is left of the schedule, by model.
  var remainingSchedule: [String: [String]] {
    var remaining: [String: [String]] = [:]
    for (model, queue) in zip(table.models, schedule) where !queue.remaining.isEmpty {
      remaining[model] = queue.remaining.map { $0?.rawValue ?? "ok" }
    }
    return remaining
  }

  /// Replaces what is left of the schedule of every model named; all or none.
  ///
  /// - Throws: ``SimulationError`` of code `unknownModel`.
  mutating func setSchedule(_ faults: [String: [FaultKind?]]) throws(SimulationError) {
    for model in faults.keys.sorted() where modelIndex[model] == nil {
      throw SimulationError(
        .unknownModel,
        "the schedule names the model '\(model.prefix(200))'; "
          + Spelling.advice(for: String(model.prefix(200)), among: table.models))
    }
    for (model, list) in faults {
      if let index = modelIndex[model] { schedule[index] = FaultQueue(list) }
    }
  }

  /// Counts a request that broke the protocol.
  mutating func refuse(_ error: APIError, in format: any WireFormat) -> Reply {
    refused += 1
    return Reply(format.refusal(error, serial: serial))
  }

  /// Answers a request that arrived at `now`, in seconds since the start.
  mutating func answer(
    _ request: SimulatedRequest, in format: any WireFormat, idempotencyKey key: String?, digest: Int,
    at now: Double
  ) -> Reply {
    do {
      return try attempt(request, in: format, key: key, digest: digest, at: now)
    } catch {
      return refuse(error, in: format)
    }
  }

  /// A reply is over: its place is free, and what was written of a stream is billed. `generated` is how many of
  /// its tokens were; `isAborted` whether the client left before its end.
  mutating func finish(_ ticket: Ticket, generated: Int, isAborted: Bool) {
    limits[ticket.answer.model].leave()
    guard ticket.isOpen else { return }
    counts[ticket.answer.model].open -= 1
    if isAborted { counts[ticket.answer.model].aborted += 1 }
    bill(ticket.answer, output: generated)
    if let key = ticket.key, generated == ticket.answer.usage.output, !isAborted {
      answers.insert(IdempotencyStore.Entry(digest: ticket.digest, answer: ticket.answer), for: key)
    }
  }

  private mutating func attempt(
    _ request: SimulatedRequest, in format: any WireFormat, key: String?, digest: Int, at now: Double
  ) throws(APIError) -> Reply {
    guard let model = modelIndex[request.model] else {
      throw APIError(
        404, code: "model_not_found",
        "The model `\(request.model.prefix(200))` does not exist or you do not have access to it.")
    }
    let query = try queries.query(of: request)
    let exchange = Exchange(request: request, format: format, model: model)
    if let key {
      guard (1...255).contains(key.utf8.count) else {
        throw APIError(400, code: "invalid_idempotency_key", "An idempotency key has 1 to 255 characters.")
      }
      if let earlier = answers[key] {
        guard earlier.digest == digest else {
          throw APIError(
            400, code: "idempotency_key_reused", "This idempotency key was used with another body.")
        }
        counts[model].attempts += 1
        counts[model].replays += 1
        return reply(with: earlier.answer, to: exchange, at: now)
      }
    }
    guard let (usage, isCut) = usage(of: request, query: query, model: model) else {
      throw APIError(
        404, code: "answer_not_recorded",
        "No answer of '\(request.model)' to query '\(query.map { table.queryIDs[$0] } ?? "")' is recorded.")
    }

    counts[model].attempts += 1
    let simulated = options.speed.isFinite ? now * options.speed : nil
    if let refusal = limits[model].admit(tokens: usage.total, at: simulated) {
      counts[model].limited += 1
      return limited(by: refusal, exchange, at: now)
    }
    let draw = attempts.next(
      seed: options.seed, query: query.map { table.queryIDs[$0] }, text: request.lastUserText,
      model: request.model)
    let fault = schedule[model].take() ?? options.faults.fault(for: draw)
    if let fault { counts[model].add(fault) }
    if let fault, let refusal = refusal(fault, exchange, at: now) {
      limits[model].leave()
      return refusal
    }

    let latency =
      query.flatMap { table.latency(query: $0, model: model) }
      ?? options.latency.seconds(writing: usage.output, draw: draw)
    serial += 1
    let answer = Answer(
      query: query, model: model, usage: usage, isCut: isCut, serial: serial, latency: latency, asked: now,
      ready: now + latency / options.speed, created: startedAt + Int(min(now, 1e9)))
    let isBilled = fault?.isBilled ?? true
    let isOpen = request.streams && isBilled && (fault?.isBilledByPiece ?? true)
    if isOpen {
      counts[model].open += 1
    } else if isBilled {
      bill(answer, output: usage.output)
      if let key { answers.insert(IdempotencyStore.Entry(digest: digest, answer: answer), for: key) }
    }
    var reply = reply(with: answer, to: exchange, at: now, fault: fault)
    reply.ticket = Ticket(answer: answer, isOpen: isOpen, key: key, digest: digest)
    return reply
  }

  /// What the answer uses, and whether the client's bound cuts it; nil where the table has no complete record.
  func usage(
    of request: SimulatedRequest, query: Int?, model: Int
  ) -> (usage: AnswerUsage, isCut: Bool)? {
    var input = max(1, request.textBytes / 4)
    var output = options.answerTokens
    if let query {
      guard table.cost(query: query, model: model) != nil,
        let recordedInput = table.inputTokens(query: query, model: model),
        let recordedOutput = table.outputTokens(query: query, model: model)
      else { return nil }
      (input, output) = (recordedInput, recordedOutput)
    }
    if case .embeddings = request.output { output = 0 }
    let bound = min(output, request.outputLimit ?? .max)
    let cached = Int(Double(input) * options.cachedShare)
    return (AnswerUsage(input: input, cached: min(cached, input), output: bound), bound < output)
  }
}
