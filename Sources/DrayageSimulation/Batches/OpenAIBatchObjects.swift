import Drayage

/// Files, jobs and lists as OpenAI writes them.
///
/// https://platform.openai.com/docs/api-reference/batch/object and .../files/object
enum OpenAIBatchObjects {
  /// How long files are kept: 30 days.
  static let retention = 2_592_000

  static func file(_ file: StoredFile) -> JSONValue {
    [
      "id": .string(file.id), "object": "file", "bytes": .int(file.bytes.count),
      "created_at": .int(file.created), "expires_at": .int(file.created + retention),
      "filename": .string(file.name), "purpose": .string(file.purpose), "status": "processed",
      "status_details": nil,
    ]
  }

  /// - Parameter time: the Unix seconds of what lies so many simulated seconds after the job's creation.
  static func job(_ job: BatchJob, isNew: Bool, time: (Double) -> Int) -> JSONValue {
    let answered = job.counts[.answered] ?? 0
    let errored = job.counts[.errored] ?? 0
    func at(_ offset: Double?) -> JSONValue { offset.map { .int(time($0)) } ?? .null }
    func ended(_ end: BatchJob.End) -> JSONValue { job.end == end ? at(job.ended) : .null }
    let hasBegun = !isNew && job.end != .failed
    return [
      "id": .string(job.id), "object": "batch", "endpoint": .string(job.endpoint),
      "model": JSONValue(job.model), "errors": errors(job, isNew: isNew),
      "input_file_id": .string(job.inputFile), "completion_window": "24h",
      "status": .string(status(job, isNew: isNew)), "output_file_id": JSONValue(job.outputFile),
      "error_file_id": JSONValue(job.errorFile), "created_at": at(0), "expires_at": at(job.window),
      "in_progress_at": hasBegun ? at(0) : .null,
      "finalizing_at": job.end == .completed ? at(job.ended) : .null,
      "completed_at": ended(.completed), "failed_at": ended(.failed), "expired_at": ended(.expired),
      "cancelling_at": at(job.cancelled), "cancelled_at": ended(.cancelled),
      "request_counts": [
        "total": .int(hasBegun ? job.total : 0), "completed": .int(answered), "failed": .int(errored),
      ],
      "usage": [
        "input_tokens": .int(job.usage.input),
        "input_tokens_details": ["cached_tokens": .int(job.usage.cached)],
        "output_tokens": .int(job.usage.output), "output_tokens_details": ["reasoning_tokens": 0],
        "total_tokens": .int(job.usage.total),
      ],
      "metadata": job.metadata.isEmpty
        ? .null : .object(job.metadata.map { (key: $0.key, value: .string($0.value)) }),
    ]
  }

  private static func status(_ job: BatchJob, isNew: Bool) -> String {
    if isNew { return "validating" }
    switch job.end {
    case .completed: return "completed"
    case .expired: return "expired"
    case .cancelled: return "cancelled"
    case .failed: return "failed"
    case nil: return job.cancelled == nil ? "in_progress" : "cancelling"
    }
  }

  private static func errors(_ job: BatchJob, isNew: Bool) -> JSONValue {
    guard !isNew, !job.faults.isEmpty else { return nil }
    let data: [JSONValue] = job.faults.map {
      [
        "code": .string($0.code), "message": .string($0.message), "param": JSONValue($0.param),
        "line": $0.line.map { .int($0) } ?? .null,
      ]
    }
    return ["object": "list", "data": .array(data)]
  }

  /// A page of a list.
  static func list(_ objects: [(id: String, value: JSONValue)], hasMore: Bool) -> JSONValue {
    [
      "object": "list", "data": .array(objects.map(\.value)), "has_more": .bool(hasMore),
      "first_id": JSONValue(objects.first?.id), "last_id": JSONValue(objects.last?.id),
    ]
  }
}
