import Drayage
package import DrayageCore

/// OpenAI's batches: a file of requests is uploaded, a job is made of it, and its results are files again.
///
/// Wire format: https://platform.openai.com/docs/api-reference/batch and .../files; limits:
/// https://developers.openai.com/api/docs/guides/batch. There is also a limit on the input tokens of all jobs of a
/// model that have not ended, which differs from account to account: a job beyond it fails as a whole, with
/// `token_limit_exceeded` among the reasons.
package struct OpenAIBatchService: BatchService {
  package let target: Target
  package let limits: BatchJobLimits
  private let wire: BatchWire
  /// The path of the requests in a job.
  private let endpoint: String

  /// The metadata under which the mark is found again.
  private static let markKey = "drayage_mark"
  private static let mostPages = 50
  /// Clocks differ by less.
  private static let clockSlack: Int64 = 3_600

  /// - Returns: nil if the target is spoken to in another wire format than chat completions or responses.
  package init?(_ target: Target, over transport: any Transport) {
    switch target.dialect {
    case is OpenAIChat: endpoint = "/v1/chat/completions"
    case is OpenAIResponses: endpoint = "/v1/responses"
    default: return nil
    }
    self.target = target
    var fields: HTTPFields = ["accept": "application/json"]
    target.authorize(&fields)
    wire = BatchWire(transport: transport, target: target, fields: fields)
    limits = BatchJobLimits(
      mostItems: 50_000, mostBytes: 200_000_000, window: 86_400, retention: .fromEnd(2_592_000),
      itemFrame: Self.line("", endpoint, []).count + BatchMark.prefixBytes, jobFrame: 0)
  }

  package func item(_ id: String, _ call: Call) throws(Rejection) -> BatchItem {
    BatchItem(id: id, body: try target.dialect.request(call, to: target.live).body)
  }

  // MARK: Submitting

  package func submit(_ items: [BatchItem], mark: BatchMark) async throws(BatchServiceError) -> BatchJobID {
    try limits.check(items)
    let file = try await upload(items, mark)
    let body = JSONText.object([
      "input_file_id": JSONText.quoted(file), "endpoint": JSONText.quoted(endpoint),
      "completion_window": "\"24h\"",
      "metadata": JSONText.object([Self.markKey: JSONText.quoted(mark.description)]),
    ])
    let request = wire.request("POST", "/batches", body: Array(body.utf8))
    do throws(BatchServiceError) {
      let job = try await wire.object(request, .submits)
      guard let id = job["id"]?.string.flatMap(BatchJobID.init) else {
        throw wire.unreadable("the reply names no job", .submits)
      }
      return id
    } catch {
      // No job will ever read the file. It costs nothing and goes by itself after 30 days: a try is enough.
      if error.code != .inDoubt { _ = try? await wire.object(wire.request("DELETE", "/files/\(file)")) }
      throw error
    }
  }

  /// Uploads the requests; the file's name.
  private func upload(_ items: [BatchItem], _ mark: BatchMark) async throws(BatchServiceError) -> String {
    let prefix = mark.prefix
    // A line holds no line end and a boundary begins with one: nothing in the file can be taken for it.
    let boundary = "drayage-\(prefix)form"
    var body: [UInt8] = []
    body.reserveCapacity(items.reduce(1_024) { $0 + limits.bytes(of: $1) })
    body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n".utf8
    body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; ".utf8
    body += "filename=\"drayage-\(prefix)requests.jsonl\"\r\nContent-Type: application/jsonl\r\n\r\n".utf8
    for item in items { body += Self.line(prefix + item.id, endpoint, item.body) }
    body += "\r\n--\(boundary)--\r\n".utf8
    let file = try await wire.object(
      wire.request("POST", "/files", body: body, type: "multipart/form-data; boundary=\(boundary)"))
    guard let id = file["id"]?.string, BatchNames.isPathPart(id) else {
      throw wire.unreadable("the reply names no file")
    }
    return id
  }

  private static func line(_ wireID: String, _ endpoint: String, _ body: [UInt8]) -> [UInt8] {
    Array("{\"custom_id\":\"\(wireID)\",\"method\":\"POST\",\"url\":\"\(endpoint)\",\"body\":".utf8) + body
      + Array("}\n".utf8)
  }

  // MARK: Looking

  /// Looks through the list of jobs, latest first, for the mark in their metadata.
  ///
  /// That a job is not there is known once ``BatchSearch/doubt`` has passed since its submission.
  package func find(
    _ mark: BatchMark, count: Int, sentAt: UTCInstant, now: UTCInstant
  ) async throws(BatchServiceError) -> BatchSearch {
    var found: [BatchJobID] = []
    var after = ""
    for _ in 0..<Self.mostPages {
      let page = try await wire.object(wire.request("GET", "/batches?limit=100" + after))
      guard let jobs = page["data"]?.elements.map(Array.init) else {
        throw wire.unreadable("the reply is no list of jobs")
      }
      for job in jobs where job["metadata"]?[named: Self.markKey]?.string == mark.description {
        if let id = job["id"]?.string.flatMap(BatchJobID.init) { found.append(id) }
      }
      let oldest = jobs.last?["created_at"]?.unixInstant
      let isPast = oldest.map { $0.secondsSince1970 < sentAt.secondsSince1970 - Self.clockSlack } ?? false
      guard case .bool(true)? = page["has_more"]?.value, !isPast,
        let last = jobs.last?["id"]?.string.flatMap(BatchJobID.init)
      else { return found.isEmpty ? .notFound(sentAt: sentAt, now: now) : .found(found.reversed()) }
      after = "&after=\(last)"
    }
    guard found.isEmpty else { return .found(found.reversed()) }
    return .unknown(
      reason: "more than \(Self.mostPages * 100) jobs were created since; look for the metadata "
        + "\(Self.markKey)=\(mark) at the provider", candidates: [])
  }

  package func status(of job: BatchJobID) async throws(BatchServiceError) -> BatchJobStatus {
    try status(try await wire.object(wire.request("GET", "/batches/\(job)")))
  }

  private func status(_ job: JSONNode) throws(BatchServiceError) -> BatchJobStatus {
    let states: [String: BatchJobStatus.State] = [
      "validating": .inProgress, "in_progress": .inProgress, "finalizing": .inProgress,
      "completed": .ended, "expired": .expired, "cancelling": .cancelling, "cancelled": .cancelled,
      "failed": .failed,
    ]
    let word = job["status"]?.string ?? "none"
    guard let state = states[word] else {
      throw wire.unreadable("a job has the status \(ProviderText.shown(word))")
    }
    func count(_ key: String) -> Int { ReplyCount.tokens(job["request_counts"]?[named: key]) ?? 0 }
    let (total, answered, errored) = (count("total"), count("completed"), count("failed"))
    let ends = ["completed_at", "expired_at", "cancelled_at", "failed_at"]
    return BatchJobStatus(
      state: state,
      counts: .init(
        total: total, answered: answered, errored: errored, open: max(0, total - answered - errored)),
      created: job["created_at"]?.unixInstant, expires: job["expires_at"]?.unixInstant,
      ended: ends.lazy.compactMap { job[named: $0]?.unixInstant }.first,
      reasons: job["errors"]?["data"]?.elements?.prefix(20).map(Self.reason) ?? [])
  }

  private static func reason(_ error: JSONNode) -> String {
    let line = error["line"]?.integer.map { "line \($0): " } ?? ""
    let code = error["code"]?.string.map { " (\(ProviderText.word($0)))" } ?? ""
    return line + ProviderText.shown(error["message"]?.string ?? "no reason given") + code
  }

  // MARK: Results

  package func results(
    of job: BatchJobID, mark: BatchMark, ids: Set<String>
  ) async throws(BatchServiceError) -> BatchJobResults {
    let object = try await wire.object(wire.request("GET", "/batches/\(job)"))
    let status = try status(object)
    guard status.state.isFinal else {
      throw BatchServiceError(
        .notEnded, "the job \(job) is in progress; ask for its status until it has ended")
    }
    guard status.state != .failed else {
      let why = status.reasons.first.map { ": " + $0 } ?? ""
      throw BatchServiceError(
        .resultsGone, "the job \(job) failed as a whole\(why); nothing was answered, and nothing is billed")
    }
    var files: [HTTPRequest] = []
    for key in ["output_file_id", "error_file_id"] {
      guard let name = object[named: key]?.string else { continue }
      guard BatchNames.isPathPart(name) else { throw wire.unreadable("a file of results has no usable name") }
      files.append(wire.download("/files/\(name)/content"))
    }
    let target = target
    return BatchJobResults(files, over: wire, mark: mark, ids: ids) { node, line in
      Self.outcome(node, line, target)
    }
  }

  /// What a line of the output file or the error file says
  /// (https://platform.openai.com/docs/api-reference/batch/request-output).
  private static func outcome(_ node: JSONNode, _ line: [UInt8], _ target: Target) -> BatchOutcome {
    if let error = node["error"], error.isObject {
      switch error["code"]?.string {
      case "batch_expired": return .outOfTime
      case "batch_cancelled": return .calledOff
      case "request_timeout":
        return .errored(
          AttemptFailure(.timeout, "the model took too long" + ProviderText.suffix(error["message"]?.string)),
          mayBeBilled: true)
      default:
        let failure = OpenAIError(event: error).failure(usage: nil)
        return .errored(failure, mayBeBilled: failure.kind.meaning.mayBeBilled)
      }
    }
    guard let response = node["response"], let status = response["status_code"]?.integer,
      let body = response["body"]
    else { return .unreadable("the result holds neither a reply nor an error") }
    return BatchReply.read(
      status: status, requestID: response["request_id"]?.string.map(ProviderText.word),
      body: Array(line[body.range]), score: node.statedScore(at: target), by: target.dialect)
  }

  package func cancel(_ job: BatchJobID) async throws(BatchServiceError) {
    do throws(BatchServiceError) {
      _ = try await wire.object(wire.request("POST", "/batches/\(job)/cancel"))
    } catch {
      // A job that has ended refuses.
      guard error.code == .refused, try await status(of: job).state != .inProgress else { throw error }
    }
  }
}

extension JSONNode {
  /// The score that a simulated provider states beside a result; nil at an address that is not the user's own, for
  /// a provider is not believed when it praises itself.
  func statedScore(at target: Target) -> Double? {
    guard target.isOwnAddress, let score = self["drayage"]?["score"]?.double, score >= 0 else { return nil }
    return score
  }
}
