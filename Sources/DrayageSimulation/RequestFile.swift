public import Drayage
import Foundation

/// The queries of a scored table as OpenAI's batch input, for a run against a ``SimulatedProvider``.
public enum RequestFile {
  /// The longest query written out, in tokens.
  static let tokenLimit = 1_000_000

  private struct Line: Encodable {
    struct Body: Encodable {
      let model = "auto"
      let messages: [[String: String]]
      let metadata: [String: String]
      let maxCompletionTokens: Int

      enum CodingKeys: String, CodingKey {
        case model, messages, metadata
        case maxCompletionTokens = "max_completion_tokens"
      }
    }

    let customID: String
    let method = "POST"
    let url = "/v1/chat/completions"
    let body: Body

    enum CodingKeys: String, CodingKey {
      case method, url, body
      case customID = "custom_id"
    }
  }

  /// Writes one line per query of `table` to `path`, whole or not at all: filler text of the recorded input
  /// length (a word per token), the model `auto`, the query's identifier and, as `workload`, its `dataset` if
  /// the table has that column.
  ///
  /// - Parameter maxCompletionTokens: the bound on output tokens that every request states, at least 1.
  /// - Throws: ``SimulationError`` if input tokens are not recorded, or exceed a million for one query;
  ///   `InputError` if the file cannot be written.
  public static func write(_ table: ScoredTable, to path: String, maxCompletionTokens: Int) throws {
    guard maxCompletionTokens >= 1 else {
      throw SimulationError(
        .invalidOption, "a bound of \(maxCompletionTokens) output tokens; choose at least 1")
    }
    guard let tokens = table.inputTokens else {
      throw SimulationError(.missingTokens, "\(table.file) has no column of input tokens; add input_tokens")
    }
    let workloads = table.textColumn("dataset")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var file = try AtomicFile(path)
    for (index, id) in table.queryIDs.enumerated() {
      guard tokens[index] <= tokenLimit else {
        throw SimulationError(
          .tooLarge, "query '\(id)' has \(tokens[index]) input tokens; at most \(tokenLimit) are written out")
      }
      var metadata = ["query_id": id]
      metadata["workload"] = workloads?[index]
      let line = Line(
        customID: id,
        body: Line.Body(
          messages: [["role": "user", "content": FillerText.text(tokens[index], for: id)]],
          metadata: metadata,
          maxCompletionTokens: maxCompletionTokens))
      try file.append(encoder.encode(line))
      try file.append([UInt8(ascii: "\n")])
    }
    try file.commit()
  }
}
