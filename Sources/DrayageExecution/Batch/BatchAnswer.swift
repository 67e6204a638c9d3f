package import DrayageCore
import Drayage
import DrayageProfiles

/// An answer to a row of a batch, as its output is written from it.
package struct BatchAnswer: Sendable {
  /// The reply in OpenAI's format: one JSON object.
  let body: [UInt8]
  let status: Int
  let requestID: String?
  package let usage: MeteredUsage?
  /// A score that the provider or a judge in front of it stated.
  let score: Double?
  /// Whether the limit on output cut it off.
  let isTruncated: Bool
  /// Seconds from sending to the end.
  let latency: Double

  /// The answer that `end` brought; nil if it brought none.
  init?(_ end: AttemptEnd, from target: Target, at instant: UTCInstant) {
    guard case .success(let answer) = end.result, let reply = end.reply else { return nil }
    body =
      target.dialect.answersInOpenAIFormat
      ? reply.body
      : Array(answer.completion(model: target.offer.wireModel, created: instant.secondsSince1970).utf8)
    status = reply.status
    requestID = end.requestID
    usage = answer.usage
    score = end.score
    isTruncated = answer.finish == .length
    latency = end.seconds
  }
}

extension Observations {
  /// Takes an answer of a batch.
  ///
  /// - Parameters:
  ///   - estimate: of the input tokens, before any correction.
  ///   - isLive: whether it came as soon as it could, and not with a job.
  mutating func record(
    _ answer: BatchAnswer, from offer: Offer, workload: String, estimate: TokenEstimate?,
    isLive: Bool, at instant: UTCInstant
  ) {
    guard let usage = answer.usage?.tokens,
      record(
        outputTokens: usage.output, isTruncated: answer.isTruncated, of: offer, workload: workload,
        at: instant)
    else { return }
    if isLive { record(seconds: answer.latency, tokens: usage.output, of: offer, at: instant) }
    if let estimate { record(inputTokens: usage.totalInput, estimate: estimate, of: offer) }
  }
}
