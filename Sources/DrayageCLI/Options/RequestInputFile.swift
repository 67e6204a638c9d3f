import ArgumentParser
import Drayage
import DrayageExecution
import Foundation

/// One request from a file or from standard input.
enum RequestInputFile {
  private static let mostBytes = 16 << 20

  /// The body of the request.
  ///
  /// - Parameter path: `nil` or `-` for standard input.
  /// - Throws: ``InputError`` if it cannot be read, is empty, or is JSON that is no chat completion.
  static func body(at path: String?) throws -> RequestBody {
    let name = path.flatMap { $0 == "-" ? nil : $0 }
    let bytes: [UInt8]
    if let name {
      bytes = try InputFile.bytes(at: name, limit: mostBytes)
    } else {
      if isatty(STDIN_FILENO) == 1 { Console.note("the request, then Ctrl-D:") }
      bytes = Array(try FileHandle.standardInput.read(upToCount: mostBytes + 1) ?? Data())
      guard bytes.count <= mostBytes else {
        throw InputError(
          .tooLarge, file: "standard input", message: "has more than \(mostBytes >> 20) MiB; shorten it")
      }
    }
    let file = name ?? "standard input"
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
    guard let first = bytes.first(where: { !isSpace($0) }) else {
      throw InputError(
        .empty, file: file, message: "holds no request; give a question, or a chat completion's JSON")
    }
    guard first != UInt8(ascii: "{") else {
      let node = try JSONNode.parse(bytes, file: file)
      return try RequestBody(node, in: bytes) {
        InputError($0, file: file, line: node.line, key: $1, message: $2)
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InputError(.encoding, file: file, message: "is not UTF-8 text; save it as such")
    }
    return try RequestBody(ChatRequest(text))
  }
}
