import Drayage
import DrayageCore
import DrayageLedger
import DrayageProfiles

/// What is kept of a request while it is not being sent: where it stands, and what choosing an offer for it needs
/// to know. Its body stays in the file.
package struct BatchRow: Sendable {
  /// The line it stands on, from 1.
  package let line: Int
  /// The caller's id, unique in the file.
  package let customID: String
  /// The workload: `metadata.workload` of the body, else `default`.
  package let workload: String
  /// Where the line begins in the file, and how many bytes it has.
  let place: Range<Int>
  /// A digest of the body, by which a later run knows that the row is still the same.
  package let digest: UInt64
  /// An upper bound on input tokens.
  let inputTokenBound: Int
  /// The input tokens to expect by each of `TokenFamily.all`.
  let inputTokens: [Int]
  /// The limit on output tokens that the body sets, if it sets one.
  let maxOutputTokens: Int?
  /// What an offer must be able to do.
  let capabilities: Set<Capability>
  /// Whether every wire format can carry it.
  let isPlain: Bool

  /// - Parameter vocabularies: to count input with, exactly; families without one are estimated.
  init(
    line: Int, customID: String, place: Range<Int>, body: RequestBody,
    vocabularies: [TokenFamily: Vocabulary] = [:]
  ) {
    self.line = line
    self.customID = customID
    self.place = place
    workload = body.metadata["workload"] ?? Request.defaultWorkload
    digest = body.digest
    inputTokenBound = body.inputTokenBound
    inputTokens = zip(TokenFamily.all, body.inputTokensByFamily).map { family, estimated in
      vocabularies[family].map { body.inputTokens(family: family, by: $0) } ?? estimated
    }
    maxOutputTokens = body.maxOutputTokens
    capabilities = body.capabilities
    isPlain = body.isPlain
  }

  /// The request, as far as choosing an offer needs to know it.
  var request: Request {
    Request(
      id: customID, workload: workload, inputTokens: 0, inputTokenBound: inputTokenBound, maxOutputTokens: 0,
      capabilities: capabilities)
  }
}

// MARK: In the queue

extension BatchRow {
  /// Before the caller's ids, so that no id is that of a line without one.
  private static let mark = "="

  /// The id of the row in the queue.
  var jobID: String { Self.jobID(customID) }

  /// The id in the queue of the row that the caller calls `customID`.
  static func jobID(_ customID: String) -> String { mark + customID }

  /// The id in the queue of a line that has no id of its own.
  static func jobID(ofLine line: Int) -> String { "!\(line)" }

  /// What the caller calls a job; `nil` for a line without an id of its own.
  static func customID(ofJob id: String) -> String? {
    id.hasPrefix(mark) ? String(id.dropFirst(mark.count)) : nil
  }

  /// The row as the queue keeps it.
  var job: Job {
    let text = JSONText.object([
      "at": String(place.lowerBound), "bytes": String(place.count), "workload": JSONText.quoted(workload),
      "bound": String(inputTokenBound),
      "tokens": "[" + inputTokens.map(String.init).joined(separator: ",") + "]",
      "most": maxOutputTokens.map(String.init),
      "needs": "[" + capabilities.map { JSONText.quoted($0.rawValue) }.sorted().joined(separator: ",") + "]",
      "plain": isPlain ? "true" : "false",
    ])
    return Job(ordinal: line, id: jobID, digest: digest, payload: Array(text.utf8))
  }

  /// The row that a job was made of; `nil` for one that was made by something else.
  init?(_ job: Job) {
    guard let customID = Self.customID(ofJob: job.id),
      let node = try? JSONNode.parse(job.payload, file: "row"),
      let start = node["at"]?.integer, let count = node["bytes"]?.integer, start >= 0,
      (0...LineReader.mostLineBytes).contains(count),
      start <= Int.max - count,
      let workload = node["workload"]?.string, let bound = node["bound"]?.integer, bound >= 0,
      case .array(let tokens)? = node["tokens"]?.value, case .array(let needs)? = node["needs"]?.value,
      case .bool(let isPlain)? = node["plain"]?.value
    else { return nil }
    line = job.ordinal
    self.customID = customID
    self.workload = workload
    place = start..<start + count
    digest = job.digest
    inputTokenBound = bound
    inputTokens = tokens.map { $0.integer ?? bound }
    maxOutputTokens = node["most"]?.integer
    capabilities = Set(needs.compactMap { $0.string.map(Capability.init(rawValue:)) })
    self.isPlain = isPlain
    guard inputTokens.count == TokenFamily.all.count else { return nil }
  }
}
