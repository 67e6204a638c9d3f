import Drayage

/// Anthropic's message batches (https://platform.claude.com/docs/en/api/messages/batches).
extension SimulatedService {
  /// The most requests of a job (https://platform.claude.com/docs/en/build-with-claude/batch-processing).
  private static let mostRequests = 100_000

  /// Creates a job. What is wrong with the parameters of a request comes to light in its result.
  mutating func createAnthropicBatch(_ request: IncomingRequest, at now: Double) throws(APIError) -> String {
    let format = AnthropicMessagesFormat()
    let requests = try RequestReader(body: request.body).required("requests").someElements()
    guard requests.count <= Self.mostRequests else {
      throw APIError(
        400, code: nil, param: "requests", "requests: at most \(Self.mostRequests) are allowed")
    }
    var ids: Set<String> = []
    var items: [BatchJob.Item] = []
    for element in requests {
      let id = try element.required("custom_id").string()
      guard Self.isCustomID(id) else {
        throw APIError(
          400, code: nil, "\(element.path).custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'")
      }
      guard ids.insert(id).inserted else {
        throw APIError(400, code: nil, "\(element.path).custom_id: custom_ids must be unique")
      }
      let params = try element.required("params")
      _ = try params.members()
      let asked: Result<SimulatedRequest, APIError>
      do throws(APIError) {
        asked = .success(try format.request(params, at: WirePlace()))
      } catch {
        asked = .failure(error)
      }
      items.append(BatchJob.Item(customID: id, request: asked))
    }
    let serial = shelf.number()
    let job = BatchJob(
      id: "msgbatch_sim\(serial)", serial: serial, api: .anthropic, format: format, items: items,
      created: now, skew: shelf.skew, behaviour: options.batches, seed: options.seed)
    shelf.add(job)
    return job.id
  }

  private static func isCustomID(_ id: String) -> Bool {
    (1...64).contains(id.utf8.count)
      && id.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// The job as Anthropic writes it. Counts are those of the end: until then every request is being processed.
  ///
  /// - Parameter isNew: whether this is the reply to its creation, which comes before anything is done.
  func message(_ job: BatchJob, origin: String, isNew: Bool = false) -> JSONValue {
    let hasEnded = job.end != nil && !isNew
    func count(_ outcome: BatchJob.Outcome) -> JSONValue { .int(hasEnded ? job.counts[outcome] ?? 0 : 0) }
    func at(_ offset: Double?) -> JSONValue {
      offset.map { .string(CalendarText.rfc3339(Double(time($0, of: job)))) } ?? .null
    }
    let status = hasEnded ? "ended" : job.cancelled == nil ? "in_progress" : "canceling"
    return [
      "id": .string(job.id), "type": "message_batch", "processing_status": .string(status),
      "request_counts": [
        "processing": .int(hasEnded ? 0 : job.total), "succeeded": count(.answered),
        "errored": count(.errored), "canceled": count(.cancelled), "expired": count(.expired),
      ],
      "created_at": at(0), "expires_at": at(job.window), "ended_at": hasEnded ? at(job.ended) : .null,
      "cancel_initiated_at": at(job.cancelled), "archived_at": nil,
      "results_url": hasEnded ? .string("\(origin)/v1/messages/batches/\(job.id)/results") : .null,
    ]
  }

  /// A page of jobs, latest first.
  func listAnthropicBatches(_ request: IncomingRequest) throws(APIError) -> JSONValue {
    let query = QueryText(request.target)
    let (page, hasMore) = try page(
      shelf.latest(.anthropic).map(\.id), after: query["after_id"], before: query["before_id"],
      limit: try query.limit(most: 1_000))
    return [
      "data": .array(page.compactMap { shelf.jobs[$0].map { message($0, origin: request.origin) } }),
      "has_more": .bool(hasMore), "first_id": JSONValue(page.first), "last_id": JSONValue(page.last),
    ]
  }

  func results(of job: BatchJob) throws(APIError) -> [UInt8] {
    guard job.end != nil else {
      throw APIError(404, code: nil, "Batch \(job.id) has no results yet: it has not ended.")
    }
    return job.shuffledLines(seed: options.seed).flatMap(\.bytes)
  }
}
