package import Drayage
import DrayageCore

/// A batch in OpenAI's format: one JSON object a line, with `custom_id`, `method`, `url` and `body`.
///
/// It is read line by line, and its bodies again one by one when they are sent; it must not change meanwhile.
package struct BatchFile: Sendable {
  private let file: RegularFile
  /// Where it is.
  package var path: String { file.path }
  /// Its lines, from the first.
  var lines: LineReader { LineReader(file) }

  /// Only this is understood.
  static let url = "/v1/chat/completions"
  private static let mostIDBytes = 512
  private static let mostWorkloadBytes = 256

  /// Opens the file at `path`.
  ///
  /// - Throws: ``InputError`` if it cannot be read at any place.
  package init(_ path: String) throws(InputError) {
    file = try RegularFile(path)
  }

  /// A file of these bytes, called `path`.
  init(_ bytes: [UInt8], path: String) { file = RegularFile(bytes, path: path) }

  /// A line of the file as it was understood.
  enum Entry {
    case request(id: String, body: RequestBody)
    /// Its id as far as it is known, and what is wrong.
    case refused(id: String?, InputError)
  }

  /// Reads a line; `nil` for one of spaces.
  func entry(_ line: LineReader.Line) -> Entry? {
    guard let text = line.bytes else {
      return .refused(
        id: nil,
        InputError(
          .tooLarge, file: path, line: line.number,
          message: "the line has more than \(LineReader.mostLineBytes >> 20) MiB; shorten the request"))
    }
    guard !text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { return nil }
    var id: String?
    do throws(InputError) {
      let node = try JSONNode.parse(text, file: path, firstLine: line.number)
      let name = try self.id(of: node, line: line.number)
      id = name
      return .request(id: name, body: try body(of: node, text, line: line.number))
    } catch {
      return .refused(id: id, error)
    }
  }

  /// That the id on a line is that of an earlier one.
  func repetition(of id: String, line: Int, first: Int) -> InputError {
    InputError(
      .duplicate, file: path, line: line, key: "custom_id",
      message: "\(InputError.quoted(id)) is on line \(first) already; make the ids unique")
  }

  /// The body of a row, read anew.
  ///
  /// - Throws: ``InputError`` if the file has changed since, or cannot be read.
  func body(of row: BatchRow) throws(InputError) -> RequestBody {
    guard let body = try body(at: row.place, line: row.line), body.digest == row.digest else {
      throw InputError(
        .value, file: path, line: row.line,
        message: "the file has changed while it was worked on; run it again"
      )
    }
    return body
  }

  /// The body of the request on a line, read anew; nil if there is none any more.
  ///
  /// - Throws: ``InputError`` if the file cannot be read.
  func body(at place: Range<Int>, line: Int) throws(InputError) -> RequestBody? {
    let text = try file.bytes(place)
    guard let node = try? JSONNode.parse(text, file: path, firstLine: line) else { return nil }
    return try? body(of: node, text, line: line)
  }

  private func fault(_ code: InputError.Code, _ line: Int, _ key: String, _ message: String) -> InputError {
    InputError(code, file: path, line: line, key: key, message: message)
  }

  private func id(of node: JSONNode, line: Int) throws(InputError) -> String {
    guard node.isObject else {
      throw InputError(
        .value, file: path, line: line, message: "is not a JSON object; see OpenAI's batch format")
    }
    guard let id = node["custom_id"]?.string, !id.isEmpty else {
      throw fault(
        .missing, line, "custom_id", "is missing or not a text; give every request an id of its own")
    }
    guard id.utf8.count <= Self.mostIDBytes, !id.utf8.contains(0) else {
      throw fault(
        .value, line, "custom_id", "has more than \(Self.mostIDBytes) bytes, or one that is zero; shorten it")
    }
    return id
  }

  private func body(of node: JSONNode, _ text: [UInt8], line: Int) throws(InputError) -> RequestBody {
    if let method = node["method"], method.string != "POST" {
      throw fault(.value, line, "method", "is not \"POST\"; only that is understood")
    }
    guard node["url"] == nil || node["url"]?.string == Self.url else {
      throw fault(.value, line, "url", "is not \"\(Self.url)\"; only that is understood")
    }
    guard let body = node["body"] else {
      throw fault(.missing, line, "body", "is missing; it holds the request")
    }
    let request = try RequestBody(body, in: text) { self.fault($0, line, $1, $2) }
    guard !request.asksForStream else {
      throw fault(
        .value, line, "body.stream", "is not false; results of a batch are not streamed, remove it")
    }
    if let workload = request.metadata["workload"] {
      guard workload.utf8.count <= Self.mostWorkloadBytes, !workload.utf8.contains(0) else {
        throw fault(
          .value, line, "body.metadata.workload",
          "has more than \(Self.mostWorkloadBytes) bytes, or one that is zero; shorten it")
      }
    }
    return request
  }
}
