import Drayage
import Foundation

/// The interfaces for jobs of many requests.
extension SimulatedService {
  /// Does what a request about files and jobs asks.
  mutating func perform(_ action: BatchAction, _ request: IncomingRequest, at now: Double) -> Reply {
    do throws(APIError) {
      return try reply(to: action, request, at: now)
    } catch {
      return refuse(error, in: action.format)
    }
  }

  private mutating func reply(
    to action: BatchAction, _ request: IncomingRequest, at now: Double
  ) throws(APIError) -> Reply {
    switch action {
    case .advance: return try advance(request)
    case .upload:
      let (name, purpose, bytes) = try upload(request)
      let created = startedAt + Int(min(now, 1e9))
      return Reply(OpenAIBatchObjects.file(shelf.store(bytes, named: name, purpose: purpose, at: created)))
    case .listFiles: return Reply(try listFiles(QueryText(request.target)))
    case .file(let id): return Reply(OpenAIBatchObjects.file(try file(id)))
    case .content(let id): return Self.lines(try file(id).bytes, type: "application/octet-stream")
    case .deleteFile(let id):
      _ = try file(id)
      shelf.removeFile(id)
      return Reply(["id": .string(id), "object": "file", "deleted": true])
    case .create(.openAI):
      let id = try createOpenAIBatch(request, at: now)
      return Reply(object(try job(id, .openAI), isNew: true))
    case .create(.anthropic):
      let id = try createAnthropicBatch(request, at: now)
      return Reply(message(try job(id, .anthropic), origin: request.origin, isNew: true))
    case .list(.openAI): return Reply(try listOpenAIBatches(QueryText(request.target)))
    case .list(.anthropic): return Reply(try listAnthropicBatches(request))
    case .job(let api, let id): return Reply(shown(try job(id, api), request))
    case .cancel(let api, let id):
      guard try job(id, api).end == nil else {
        throw APIError(409, code: nil, "Cannot cancel the batch \(id): it has ended.")
      }
      cancel(id, at: now)
      return Reply(shown(try job(id, api), request))
    case .results(let id):
      return Self.lines(try results(of: job(id, .anthropic)), type: "application/x-jsonl")
    case .delete(let id):
      guard try job(id, .anthropic).end != nil else {
        throw APIError(400, code: nil, "The batch \(id) is in progress; cancel it first.")
      }
      shelf.removeJob(id)
      return Reply(["id": .string(id), "type": "message_batch_deleted"])
    }
  }

  private func job(_ id: String, _ api: BatchJob.API) throws(APIError) -> BatchJob {
    guard let job = shelf.jobs[id], job.api == api else {
      throw APIError(404, code: nil, "No batch '\(id.prefix(100))' is known.")
    }
    return job
  }

  private func shown(_ job: BatchJob, _ request: IncomingRequest) -> JSONValue {
    job.api == .openAI ? object(job) : message(job, origin: request.origin)
  }

  private mutating func advance(_ request: IncomingRequest) throws(APIError) -> Reply {
    let reader = try RequestReader(body: request.body).required("advance")
    guard let seconds = reader.node.double else { throw reader.wrongType }
    do {
      try advanceBatches(by: seconds)
    } catch {
      throw APIError(400, code: "invalid_value", param: reader.path, error.message)
    }
    return Reply(["advanced": .double(shelf.skew)])
  }

  private static func lines(_ bytes: [UInt8], type: String) -> Reply {
    var reply = Reply([:])
    reply.contentType = type
    reply.body = Data(bytes)
    return reply
  }
}
