import Drayage

/// The lines of result files, as OpenAI and Anthropic write them.
///
/// https://platform.openai.com/docs/api-reference/batch/request-output and
/// https://platform.claude.com/docs/en/build-with-claude/batch-processing
enum BatchLines {
  /// An answer. Beside what the providers write stands the recorded score, which a live reply has in a header.
  static func answered(
    _ customID: String, _ body: JSONValue, serial: UInt64, score: Double?, _ job: BatchJob
  ) -> [UInt8] {
    let own: JSONValue = score.map { ["score": .double($0)] } ?? .absent
    switch job.api {
    case .openAI:
      return line([
        "id": .string("batch_req_sim\(serial)"), "custom_id": .string(customID), "error": nil,
        "response": ["status_code": 200, "request_id": .string("req-sim\(serial)"), "body": body],
        "drayage": own,
      ])
    case .anthropic:
      return line([
        "custom_id": .string(customID), "result": ["type": "succeeded", "message": body], "drayage": own,
      ])
    }
  }

  /// A request that was refused.
  static func errored(
    _ customID: String, _ refusal: WireRefusal, serial: UInt64, _ job: BatchJob
  ) -> [UInt8] {
    switch job.api {
    case .openAI:
      return line([
        "id": .string("batch_req_sim\(serial)"), "custom_id": .string(customID), "error": nil,
        "response": [
          "status_code": .int(refusal.status), "request_id": .string("req-sim\(serial)"),
          "body": refusal.body,
        ],
      ])
    case .anthropic:
      return line([
        "custom_id": .string(customID), "result": ["type": "errored", "error": refusal.body],
      ])
    }
  }

  /// A request that no model was asked.
  static func unanswered(_ customID: String, _ outcome: BatchJob.Outcome, _ job: BatchJob) -> [UInt8] {
    let isExpired = outcome == .expired
    switch job.api {
    case .openAI:
      let error: JSONValue =
        isExpired
        ? [
          "code": "batch_expired",
          "message": "This request could not be executed before the completion window expired.",
        ]
        : [
          "code": "batch_cancelled",
          "message": "This request was not executed before the batch was cancelled.",
        ]
      return line([
        "id": .string("batch_req_sim\(job.serial)_\(job.done)"), "custom_id": .string(customID),
        "response": nil, "error": error,
      ])
    case .anthropic:
      return line([
        "custom_id": .string(customID), "result": ["type": isExpired ? "expired" : "canceled"],
      ])
    }
  }

  private static func line(_ value: JSONValue) -> [UInt8] { value.bytes + [UInt8(ascii: "\n")] }
}
