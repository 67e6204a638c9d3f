/// A body of `multipart/form-data` (RFC 7578).
struct MultipartForm {
  struct Part {
    let name: String
    let fileName: String?
    let bytes: [UInt8]
  }

  private(set) var parts: [Part] = []

  /// The part called `name`.
  subscript(name: String) -> Part? { parts.first { $0.name == name } }

  /// - Throws: ``APIError`` of status 400 if the body is none.
  init(_ body: [UInt8], contentType: String?) throws(APIError) {
    guard let boundary = contentType.flatMap(Self.boundary) else {
      throw Self.fault("The content type is not multipart/form-data with a boundary.")
    }
    let delimiter = Array("--\(boundary)".utf8)
    guard body.starts(with: delimiter) else { throw Self.fault("The body does not begin with its boundary.") }
    var position = delimiter.count
    let next = Array("\r\n".utf8) + delimiter
    while true {
      if body[position...].starts(with: "--".utf8) { return }
      guard body[position...].starts(with: "\r\n".utf8), parts.count < 100,
        let blank = Self.find(Array("\r\n\r\n".utf8), in: body, from: position),
        let end = Self.find(next, in: body, from: blank + 2)
      else { throw Self.fault("The form ends before its last boundary.") }
      parts.append(
        try Self.part(
          String(decoding: body[position..<blank], as: UTF8.self),
          // A part without content has its boundary right after the blank line.
          Array(body[min(blank + 4, end)..<end])))
      position = end + next.count
    }
  }

  private static func part(_ head: String, _ bytes: [UInt8]) throws(APIError) -> Part {
    for line in head.split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "content-disposition" else {
        continue
      }
      let text = String(line[line.index(after: colon)...])
      if let name = parameter("name", of: text) {
        return Part(name: name, fileName: parameter("filename", of: text), bytes: bytes)
      }
    }
    throw fault("A part of the form has no name.")
  }

  private static func boundary(_ contentType: String) -> String? {
    guard contentType.lowercased().hasPrefix("multipart/form-data") else { return nil }
    return parameter("boundary", of: contentType).flatMap { (1...70).contains($0.utf8.count) ? $0 : nil }
  }

  /// The value of `; name=value`, in quotes or not.
  private static func parameter(_ name: String, of text: String) -> String? {
    for piece in text.split(separator: ";") {
      let trimmed = piece.drop { $0 == " " }
      guard trimmed.hasPrefix(name + "=") else { continue }
      let value = trimmed.dropFirst(name.count + 1)
      return value.hasPrefix("\"") ? String(value.dropFirst().prefix { $0 != "\"" }) : String(value)
    }
    return nil
  }

  /// Where `pattern` begins at or after `start`; it begins with a carriage return, which texts rarely hold.
  private static func find(_ pattern: [UInt8], in body: [UInt8], from start: Int) -> Int? {
    body.withUnsafeBufferPointer { body in
      var position = start
      while position + pattern.count <= body.count {
        if body[position] == pattern[0], body[position..<(position + pattern.count)].elementsEqual(pattern) {
          return position
        }
        position += 1
      }
      return nil
    }
  }

  private static func fault(_ message: String) -> APIError {
    APIError(400, code: "invalid_multipart", message)
  }
}
