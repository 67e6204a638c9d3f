package import Drayage
import DrayageCore

/// One request of a batch.
package struct BatchRow: Sendable {
  /// The line it stands on, from 1.
  package let line: Int
  /// The caller's id, unique in the file.
  package let customID: String
  /// The workload: `metadata.workload` of the body, else `default`.
  package let workload: String
  /// What to send.
  package let body: RequestBody
  /// A digest of the body, by which a resumed run knows that the row is still the same.
  package var digest: UInt64 { body.digest }
}

/// A batch in OpenAI's format: one JSON object a line, with `custom_id`, `method`, `url` and `body`.
package struct BatchFile: Sendable {
  /// The requests, in order.
  package private(set) var rows: [BatchRow] = []
  /// The lines that are no well-formed requests, in order.
  package private(set) var refused: [RefusedRow] = []

  /// Only this is understood.
  static let url = "/v1/chat/completions"
  private static let mostLineBytes = 16 << 20

  /// Reads the file at `path`.
  ///
  /// - Throws: ``InputError`` if it cannot be read or holds nothing.
  package init(contentsOf path: String) throws(InputError) {
    try self.init(try InputFile.bytes(at: path), path: path)
  }

  /// The same of a file that was read.
  init(_ bytes: [UInt8], path: String) throws(InputError) {
    var lineOf: [String: Int] = [:]
    var line = 0
    var start = bytes.startIndex
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start += 3 }
    while start < bytes.endIndex {
      line += 1
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
      let text = Array(bytes[start..<end])
      start = min(end + 1, bytes.endIndex)
      guard !text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { continue }
      // The id as far as it is known and its own.
      var id: String?
      do throws(InputError) {
        guard text.count <= Self.mostLineBytes else {
          throw InputError(
            .tooLarge, file: path, line: line,
            message: "the line has more than \(Self.mostLineBytes >> 20) MiB; shorten the request")
        }
        let (name, node) = try Self.named(text, line: line, path: path)
        if let first = lineOf[name] {
          throw InputError(
            .duplicate, file: path, line: line, key: "custom_id",
            message: "\(InputError.quoted(name)) is on line \(first) already; make the ids unique")
        }
        lineOf[name] = line
        id = name
        rows.append(try Self.row(name, node, text, line: line, path: path))
      } catch {
        refused.append(RefusedRow(line: line, customID: id, reason: .malformed(error)))
      }
    }
    guard !rows.isEmpty || !refused.isEmpty else {
      throw InputError(.empty, file: path, message: "holds no requests; write one JSON object a line")
    }
  }

  /// A line's object and its id.
  private static func named(
    _ text: [UInt8], line: Int, path: String
  ) throws(InputError) -> (String, JSONNode) {
    let node = try JSONNode.parse(text, file: path, firstLine: line)
    func fault(_ code: InputError.Code, _ key: String, _ message: String) -> InputError {
      InputError(code, file: path, line: line, key: key, message: message)
    }
    guard case .object = node.value else {
      throw InputError(
        .value, file: path, line: line, message: "is not a JSON object; see OpenAI's batch format")
    }
    guard let id = node["custom_id"]?.string, !id.isEmpty else {
      throw fault(.missing, "custom_id", "is missing or not a text; give every request an id of its own")
    }
    guard id.utf8.count <= 512 else {
      throw fault(.value, "custom_id", "has more than 512 bytes; shorten it")
    }
    return (id, node)
  }

  private static func row(
    _ id: String, _ node: JSONNode, _ text: [UInt8], line: Int, path: String
  ) throws(InputError) -> BatchRow {
    func fault(_ code: InputError.Code, _ key: String, _ message: String) -> InputError {
      InputError(code, file: path, line: line, key: key, message: message)
    }
    if let method = node["method"], method.string != "POST" {
      throw fault(.value, "method", "is not \"POST\"; only that is understood")
    }
    guard node["url"] == nil || node["url"]?.string == url else {
      throw fault(.value, "url", "is not \"\(url)\"; only that is understood")
    }
    guard let body = node["body"] else { throw fault(.missing, "body", "is missing; it holds the request") }
    let request = try RequestBody(body, in: text, fault: fault)
    guard !request.asksForStream else {
      throw fault(.value, "body.stream", "is not false; results of a batch are not streamed, remove it")
    }
    return BatchRow(
      line: line, customID: id, workload: request.metadata["workload"] ?? Request.defaultWorkload,
      body: request)
  }
}
