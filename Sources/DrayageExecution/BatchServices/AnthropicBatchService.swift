import Drayage
package import DrayageCore

/// Anthropic's message batches: a job is created with its requests in one body, and its results are one file.
///
/// Wire format: https://platform.claude.com/docs/en/api/messages/batches; limits:
/// https://platform.claude.com/docs/en/build-with-claude/batch-processing.
///
/// ## Finding a lost submission
///
/// A job carries nothing but its requests: no metadata, no key that makes a repetition harmless. Their ids therefore
/// begin with a digest of the mark. The ids of a job can be read in its results only, so:
///
/// - a job that has ended, and whose results are still kept, is known to be the one or not to be;
/// - a job in progress is known not to be if it has another number of requests, or was created before the submission
///   began; else it may be, until it ends, within a day;
/// - that there is no such job is known once ``BatchSearch/doubt`` has passed and no job in doubt is left.
package struct AnthropicBatchService: BatchService {
  package let target: Target
  package let limits = BatchJobLimits(
    mostItems: 100_000, mostBytes: 256_000_000, window: 86_400, retention: .fromCreation(29 * 86_400),
    itemFrame: Self.item("", []).count + BatchMark.prefixBytes + 1, jobFrame: Self.opening.utf8.count + 2)
  private let wire: BatchWire

  private static let opening = "{\"requests\":["
  private static let mostPages = 50
  /// The most jobs whose results are opened in a search.
  private static let mostCandidates = 100
  /// Clocks differ by less.
  private static let clockSlack: Int64 = 600

  /// - Returns: nil if the target is spoken to in another wire format than Anthropic's messages.
  package init?(_ target: Target, over transport: any Transport) {
    guard target.dialect is AnthropicMessages else { return nil }
    self.target = target
    var fields: HTTPFields = ["accept": "application/json", "anthropic-version": "2023-06-01"]
    if let key = target.key { fields.append(key, for: "x-api-key") }
    wire = BatchWire(transport: transport, target: target, fields: fields)
  }

  package func item(_ id: String, _ call: Call) throws(Rejection) -> BatchItem {
    BatchItem(id: id, body: try target.dialect.request(call, to: target.live).body)
  }

  // MARK: Submitting

  package func submit(_ items: [BatchItem], mark: BatchMark) async throws(BatchServiceError) -> BatchJobID {
    try limits.check(items)
    let prefix = mark.prefix
    var body = Array(Self.opening.utf8)
    body.reserveCapacity(items.reduce(1_024) { $0 + limits.bytes(of: $1) })
    for (position, item) in items.enumerated() {
      if position > 0 { body.append(UInt8(ascii: ",")) }
      body += Self.item(prefix + item.id, item.body)
    }
    body += "]}".utf8
    let job = try await wire.object(wire.request("POST", Self.path, body: body), .submits)
    guard let id = job["id"]?.string.flatMap(BatchJobID.init) else {
      throw wire.unreadable("the reply names no job", .submits)
    }
    return id
  }

  private static let path = "/messages/batches"

  private static func item(_ wireID: String, _ body: [UInt8]) -> [UInt8] {
    Array("{\"custom_id\":\"\(wireID)\",\"params\":".utf8) + body + [UInt8(ascii: "}")]
  }

  // MARK: Looking

  package func find(
    _ mark: BatchMark, count: Int, sentAt: UTCInstant, now: UTCInstant
  ) async throws(BatchServiceError) -> BatchSearch {
    var found: [BatchJobID] = []
    var open: [BatchJobID] = []
    let (candidates, isWhole) = try await candidates(count: count, since: sentAt)
    for (id, isReadable) in candidates {
      // What cannot be read, or not any more, may be the job.
      guard isReadable, let first = try await firstID(of: id) else {
        open.append(id)
        continue
      }
      if mark.id(first) != nil { found.append(id) }
    }
    if !found.isEmpty { return .found(found.reversed()) }
    guard isWhole else {
      return .unknown(
        reason:
          "too many jobs of \(count) requests were created since to look into all; look at the provider",
        candidates: open.reversed())
    }
    guard open.isEmpty else {
      return .unknown(
        reason:
          "\(open.count) of the jobs created since have \(count) requests too, and their results cannot be "
          + "read: look again when they have ended", candidates: open.reversed())
    }
    return .notFound(sentAt: sentAt, now: now)
  }

  /// The jobs that may have been created by a submission, latest first, whether their results can be read, and
  /// whether these are all.
  private func candidates(
    count: Int, since sentAt: UTCInstant
  ) async throws(BatchServiceError) -> (jobs: [(id: BatchJobID, isReadable: Bool)], isWhole: Bool) {
    var result: [(id: BatchJobID, isReadable: Bool)] = []
    var after = ""
    let earliest = sentAt.secondsSince1970 - Self.clockSlack
    for _ in 0..<Self.mostPages {
      let page = try await wire.object(wire.request("GET", "\(Self.path)?limit=100" + after))
      guard let jobs = page["data"]?.elements.map(Array.init) else {
        throw wire.unreadable("the reply is no list of jobs")
      }
      for job in jobs {
        guard let id = job["id"]?.string.flatMap(BatchJobID.init) else { continue }
        if let created = job["created_at"]?.dateInstant, created.secondsSince1970 < earliest {
          return (result, true)
        }
        guard Self.counts(job).total == count else { continue }
        guard result.count < Self.mostCandidates else { return (result, false) }
        let isArchived = job["archived_at"]?.string != nil
        result.append((id, job["processing_status"]?.string == "ended" && !isArchived))
      }
      guard case .bool(true)? = page["has_more"]?.value,
        let last = jobs.last?["id"]?.string.flatMap(BatchJobID.init)
      else { return (result, true) }
      after = "&after_id=\(last)"
    }
    return (result, false)
  }

  /// The id that the first line of a job's results bears; nil if it cannot be read.
  private func firstID(of job: BatchJobID) async throws(BatchServiceError) -> String? {
    let stream: HTTPStream
    do throws(BatchServiceError) {
      stream = try await wire.open(wire.download("\(Self.path)/\(job)/results"))
    } catch {
      guard error.code == .resultsGone else { throw error }
      return nil
    }
    var cutter = LineCutter(most: BatchJobResults.mostLineBytes)
    var cuts: [LineCutter.Cut] = []
    while cuts.isEmpty, let piece = try await wire.next(of: stream) { cutter.take(piece, into: &cuts) }
    if cuts.isEmpty { cutter.finish(into: &cuts) }
    stream.cancel()
    guard case .line(let line)? = cuts.first else { return nil }
    return (try? JSONNode.parse(line, file: "result"))?["custom_id"]?.string
  }

  package func status(of job: BatchJobID) async throws(BatchServiceError) -> BatchJobStatus {
    try status(try await wire.object(wire.request("GET", "\(Self.path)/\(job)")))
  }

  private func status(_ job: JSONNode) throws(BatchServiceError) -> BatchJobStatus {
    let counts = Self.counts(job)
    let state: BatchJobStatus.State
    switch job["processing_status"]?.string {
    case "in_progress": state = .inProgress
    case "canceling": state = .cancelling
    case "ended": state = counts.canceled > 0 ? .cancelled : counts.expired > 0 ? .expired : .ended
    case let word: throw wire.unreadable("a job has the status \(ProviderText.shown(word ?? "none"))")
    }
    return BatchJobStatus(
      state: state,
      counts: .init(
        total: counts.total, answered: counts.succeeded, errored: counts.errored,
        open: counts.processing + counts.canceled + counts.expired),
      created: job["created_at"]?.dateInstant, expires: job["expires_at"]?.dateInstant,
      ended: job["ended_at"]?.dateInstant)
  }

  private struct Counts {
    var processing = 0
    var succeeded = 0
    var errored = 0
    var canceled = 0
    var expired = 0

    var total: Int { processing + succeeded + errored + canceled + expired }
  }

  private static func counts(_ job: JSONNode) -> Counts {
    func count(_ key: String) -> Int { ReplyCount.tokens(job["request_counts"]?[named: key], absent: 0) ?? 0 }
    return Counts(
      processing: count("processing"), succeeded: count("succeeded"), errored: count("errored"),
      canceled: count("canceled"), expired: count("expired"))
  }

  // MARK: Results

  package func results(
    of job: BatchJobID, mark: BatchMark, ids: Set<String>
  ) async throws(BatchServiceError) -> BatchJobResults {
    let object = try await wire.object(wire.request("GET", "\(Self.path)/\(job)"))
    guard try status(object).state.isFinal else {
      throw BatchServiceError(
        .notEnded, "the job \(job) is in progress; ask for its status until it has ended")
    }
    guard object["archived_at"]?.string == nil else {
      throw BatchServiceError(
        .resultsGone,
        "the results of the job \(job) are kept no longer; what it answered is billed all the same")
    }
    let target = target
    // The address is put together here: the one in the reply could lead the key elsewhere.
    return BatchJobResults(
      [wire.download("\(Self.path)/\(job)/results")], over: wire, mark: mark, ids: ids
    ) { node, line in
      Self.outcome(node, line, target)
    }
  }

  /// What a line of the results says
  /// (https://platform.claude.com/docs/en/api/messages/batches/results).
  private static func outcome(_ node: JSONNode, _ line: [UInt8], _ target: Target) -> BatchOutcome {
    guard let result = node["result"] else { return .unreadable("the line holds no result") }
    switch result["type"]?.string {
    case "succeeded":
      guard let message = result["message"] else { return .unreadable("the result holds no message") }
      return BatchReply.read(
        status: 200, requestID: nil, body: Array(line[message.range]), score: node.statedScore(at: target),
        by: target.dialect)
    case "errored":
      let error = result["error"]
      return .errored(AnthropicMessages.failure(error?["error"] ?? error, status: nil), mayBeBilled: false)
    case "expired": return .outOfTime
    case "canceled": return .calledOff
    case let word: return .unreadable("the result is of the kind \(ProviderText.shown(word ?? "none"))")
    }
  }

  package func cancel(_ job: BatchJobID) async throws(BatchServiceError) {
    do throws(BatchServiceError) {
      _ = try await wire.object(wire.request("POST", "\(Self.path)/\(job)/cancel"))
    } catch {
      // A job that has ended refuses.
      guard error.code == .refused, try await status(of: job).state != .inProgress else { throw error }
    }
  }
}
