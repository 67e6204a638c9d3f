import Drayage
import Foundation

/// OpenAI's files and batches (https://platform.openai.com/docs/api-reference/batch).
extension SimulatedService {
  func upload(_ request: IncomingRequest) throws(APIError) -> (name: String, purpose: String, bytes: [UInt8])
  {
    let form = try MultipartForm(request.body, contentType: request.contentType)
    guard let purpose = form["purpose"].map({ String(decoding: $0.bytes, as: UTF8.self) }) else {
      throw APIError(
        400, code: "missing_required_parameter", param: "purpose", "Missing required parameter: 'purpose'.")
    }
    guard purpose == "batch" else {
      throw APIError(
        400, code: "invalid_value", param: "purpose",
        "This simulated provider keeps files for the purpose 'batch' only.")
    }
    guard let file = form["file"], let name = file.fileName else {
      throw APIError(
        400, code: "missing_required_parameter", param: "file", "Missing required parameter: 'file'.")
    }
    guard name.hasSuffix(".jsonl") else {
      throw APIError(400, code: nil, "Invalid file format for Batch API. Must be .jsonl")
    }
    return (name, purpose, file.bytes)
  }

  func file(_ id: String) throws(APIError) -> StoredFile {
    guard let file = shelf.files[id] else {
      throw APIError(404, code: nil, param: "id", "No such File object: \(id.prefix(100))")
    }
    return file
  }

  /// Creates a job from a file that was uploaded. Its faults come to light later, as the real API has it.
  mutating func createOpenAIBatch(_ request: IncomingRequest, at now: Double) throws(APIError) -> String {
    let body = try RequestReader(body: request.body)
    let fileID = try body.required("input_file_id").string()
    let endpoint = try body.required("endpoint").string()
    guard try body.required("completion_window").string() == "24h" else {
      throw APIError(
        400, code: "invalid_value", param: "completion_window", "Invalid value: 'completion_window' is '24h'."
      )
    }
    let served = ["/v1/chat/completions", "/v1/responses", "/v1/embeddings"]
    guard served.contains(endpoint), let format = Endpoint(target: endpoint)?.format else {
      throw APIError(
        400, code: "invalid_value", param: "endpoint",
        "Invalid value: 'endpoint' is one of \(served.joined(separator: ", ")).")
    }
    let metadata = try metadata(body["metadata"])
    let input = OpenAIBatchInput(try file(fileID).bytes, endpoint: endpoint, format: format)
    let serial = shelf.number()
    var job = BatchJob(
      id: "batch_sim\(serial)", serial: serial, api: .openAI, format: format, items: input.items,
      created: now, skew: shelf.skew, behaviour: options.batches, seed: options.seed)
    job.endpoint = endpoint
    job.model = input.model
    job.inputFile = fileID
    job.metadata = metadata
    job.faults = input.faults
    if let model = input.model, modelIndex[model] == nil, job.faults.isEmpty {
      job.faults = [
        BatchJob.Fault(
          code: "model_not_found", message: "The provided model '\(model.prefix(200))' does not exist.",
          param: "body.model", line: 1)
      ]
    }
    if job.fate == .fails, job.faults.isEmpty {
      job.faults = [
        BatchJob.Fault(
          code: "token_limit_exceeded",
          message: "Enqueued token limit reached. Please try again once some in_progress batches have been "
            + "completed.")
      ]
    }
    shelf.add(job)
    return job.id
  }

  private func metadata(_ reader: RequestReader?) throws(APIError) -> [(key: String, value: String)] {
    guard let reader else { return [] }
    var pairs: [(key: String, value: String)] = []
    for member in try reader.members() {
      let value = try reader.required(member.key).string()
      guard member.key.count <= 64, value.count <= 512, pairs.count < 16 else {
        throw APIError(
          400, code: "invalid_value", param: "metadata",
          "Metadata has at most 16 pairs of at most 64 and 512 characters.")
      }
      pairs.append((member.key, value))
    }
    return pairs
  }

  /// Makes files of the results of a job that has ended.
  mutating func storeResults(of job: inout BatchJob) {
    let lines = job.shuffledLines(seed: options.seed)
    let created = time(job.ended ?? 0, of: job)
    let answers = lines.filter { $0.outcome == .answered }.flatMap(\.bytes)
    if !answers.isEmpty {
      let name = "\(job.id)_output.jsonl"
      job.outputFile = shelf.store(answers, named: name, purpose: "batch_output", at: created).id
    }
    let rest = lines.filter { $0.outcome != .answered }.flatMap(\.bytes)
    if !rest.isEmpty {
      let name = "\(job.id)_error.jsonl"
      job.errorFile = shelf.store(rest, named: name, purpose: "batch_output", at: created).id
    }
    job.dropLines()
  }

  func object(_ job: BatchJob, isNew: Bool = false) -> JSONValue {
    OpenAIBatchObjects.job(job, isNew: isNew) { time($0, of: job) }
  }

  /// A page of jobs, latest first.
  func listOpenAIBatches(_ query: QueryText) throws(APIError) -> JSONValue {
    let (page, hasMore) = try page(
      shelf.latest(.openAI).map(\.id), after: query["after"], before: nil, limit: try query.limit(most: 100))
    return OpenAIBatchObjects.list(
      page.compactMap { id in shelf.jobs[id].map { (id, object($0)) } }, hasMore: hasMore)
  }

  /// A page of files, latest first.
  func listFiles(_ query: QueryText) throws(APIError) -> JSONValue {
    let ids = shelf.fileIDs.reversed().filter { id in
      query["purpose"].map { $0 == shelf.files[id]?.purpose } ?? true
    }
    let (page, hasMore) = try page(
      Array(ids), after: query["after"], before: nil, limit: try query.limit(most: 10_000))
    return OpenAIBatchObjects.list(
      page.compactMap { id in shelf.files[id].map { (id, OpenAIBatchObjects.file($0)) } }, hasMore: hasMore)
  }

  /// The ids that follow `after`, or come right before `before`, and whether there are more of them.
  func page(
    _ ids: [String], after: String?, before: String?, limit: Int
  ) throws(APIError) -> (ids: [String], hasMore: Bool) {
    func place(_ id: String, _ param: String) throws(APIError) -> Int {
      guard let place = ids.firstIndex(of: id) else {
        throw APIError(
          400, code: "invalid_value", param: param, "There is no '\(id.prefix(100))' to go on from.")
      }
      return place
    }
    if let before {
      let end = try place(before, "before_id")
      return (Array(ids[max(0, end - limit)..<end]), end > limit)
    }
    let start = try after.map { id throws(APIError) in try place(id, "after") + 1 } ?? 0
    let end = min(ids.count, start + limit)
    return (Array(ids[start..<end]), end < ids.count)
  }
}
