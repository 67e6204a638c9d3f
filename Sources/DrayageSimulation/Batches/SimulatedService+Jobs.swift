import Drayage
import DrayageCore

/// How jobs get on: looked at whenever a request comes in, as if they had run all the time.
extension SimulatedService {
  /// Puts the clock of jobs forward.
  ///
  /// - Throws: ``SimulationError`` of code `invalidOption`.
  mutating func advanceBatches(by seconds: Double) throws(SimulationError) {
    guard (0...1e9).contains(seconds) else {
      throw SimulationError(
        .invalidOption, "the clock of batches cannot go \(seconds) s forward; choose from 0 to 1000000000")
    }
    shelf.skew += seconds
  }

  /// The simulated seconds that have passed at `now` since the job was created.
  private func elapsed(_ job: BatchJob, at now: Double) -> Double {
    guard options.speed.isFinite else { return .infinity }
    return max(0, now - job.created) * options.speed + (shelf.skew - job.skew)
  }

  /// When something happened that lies so many simulated seconds after the job's creation, in Unix seconds.
  func time(_ offset: Double, of job: BatchJob) -> Int {
    startedAt + Int(min(job.created + (options.speed.isFinite ? offset / options.speed : 0), 1e10))
  }

  /// Answers the requests of jobs that are due at `now`, and ends the jobs that have come to their end.
  mutating func settleBatches(at now: Double) {
    guard !shelf.running.isEmpty else { return }
    for id in shelf.running {
      guard var job = shelf.jobs[id] else { continue }
      // Taken out, so that its results are not copied with every one that is added.
      shelf.jobs[id] = nil
      settle(&job, at: elapsed(job, at: now), now)
      shelf.jobs[id] = job
    }
    shelf.sweep()
  }

  private mutating func settle(_ job: inout BatchJob, at elapsed: Double, _ now: Double) {
    for item in job.next(at: elapsed) { answer(item, of: &job, at: now) }
    guard let (end, at) = job.ending(at: elapsed) else { return }
    if end == .cancelled || end == .expired {
      for item in job.items[job.done...] {
        let rest = BatchJob.rest(after: end)
        job.add(BatchJob.Line(outcome: rest, bytes: BatchLines.unanswered(item.customID, rest, job)))
      }
    }
    job.finish(end, at: at)
    if job.api == .openAI { storeResults(of: &job) }
  }

  /// Stops the job as soon as it can be.
  mutating func cancel(_ id: String, at now: Double) {
    guard var job = shelf.jobs[id] else { return }
    job.cancel(at: elapsed(job, at: now))
    shelf.jobs[id] = job
  }

  // MARK: One request

  private mutating func answer(_ item: BatchJob.Item, of job: inout BatchJob, at now: Double) {
    guard job.fate != .fails else { return refuse(item, with: FaultKind.failure, of: &job) }
    do throws(APIError) {
      let request = try item.request.get()
      guard !request.streams else {
        throw APIError(
          400, code: "invalid_value", param: "stream", "A batch does not stream; remove 'stream'.")
      }
      let (answer, fault) = try batchAnswer(request, at: now)
      guard let answer else {
        if let fault { refuse(item, with: fault, of: &job) }
        return
      }
      bill(answer, output: answer.usage.output, inBatch: true)
      job.usage.input += answer.usage.input
      job.usage.cached += answer.usage.cached
      job.usage.output += answer.usage.output
      let wire = WireAnswer(
        request: request, serial: answer.serial, created: answer.created, usage: answer.usage,
        text: text(of: answer, request), isCut: answer.isCut, latency: answer.latency)
      let score = answer.query.flatMap { table.score(query: $0, model: answer.model) }
        .map { answer.isCut ? 0 : $0 }
      job.add(
        BatchJob.Line(
          outcome: .answered,
          bytes: BatchLines.answered(
            item.customID, job.format.whole(wire), serial: answer.serial, score: score, job)))
    } catch {
      refused += 1
      refuse(item, with: error, of: &job)
    }
  }

  private mutating func refuse(_ item: BatchJob.Item, with error: APIError, of job: inout BatchJob) {
    serial += 1
    let refusal = job.format.refusal(error, serial: serial)
    job.add(
      BatchJob.Line(
        outcome: .errored, bytes: BatchLines.errored(item.customID, refusal, serial: serial, job)))
  }

  /// The answer to a request, or the fault that it met; both are on the books then, but for the bill.
  ///
  /// - Throws: ``APIError`` if it asks for what is not there.
  private mutating func batchAnswer(
    _ request: SimulatedRequest, at now: Double
  ) throws(APIError) -> (Answer?, APIError?) {
    guard let model = modelIndex[request.model] else {
      throw APIError(
        404, code: "model_not_found",
        "The model `\(request.model.prefix(200))` does not exist or you do not have access to it.")
    }
    let query = try queries.query(of: request)
    guard let (usage, isCut) = usage(of: request, query: query, model: model) else {
      throw APIError(
        404, code: "answer_not_recorded",
        "No answer of '\(request.model)' to query '\(query.map { table.queryIDs[$0] } ?? "")' is recorded.")
    }
    counts[model].attempts += 1
    let draw = attempts.next(
      seed: options.seed, query: query.map { table.queryIDs[$0] }, text: request.lastUserText,
      model: request.model)
    let fault = schedule[model].take() ?? options.batches.faults.fault(for: draw)
    if let fault, let refusal = fault.refusal(model: table.models[model]) {
      counts[model].add(fault)
      return (nil, refusal)
    }
    serial += 1
    let latency = query.flatMap { table.latency(query: $0, model: model) } ?? 0
    return (
      Answer(
        query: query, model: model, usage: usage, isCut: isCut, serial: serial, latency: latency, asked: now,
        ready: now, created: startedAt + Int(min(now, 1e9))), nil
    )
  }
}
