/// Reads comma-separated values (RFC 4180) with a header, record by record, over bytes in memory.
///
/// Quoted fields may hold commas, line ends and doubled quotes; lines end in LF or CRLF; a byte order mark is
/// skipped and so are empty lines. Everything else that strays from the format is refused with its line. One
/// pass, linear in the bytes; the fields of a record are views until asked for as text.
package struct CSVReader {
  /// The largest field accepted, in bytes.
  package static let fieldLimit = 1 << 20

  /// The file's name, for messages.
  package let file: String
  /// The names of the columns: not empty, without repetition.
  package private(set) var header: [String] = []
  /// The line on which the current record begins, from 1.
  package private(set) var line = 1

  private struct Field {
    var range: Range<Int>
    /// Whether the range is one of `unescaped` rather than of `bytes`.
    var isUnescaped: Bool
  }

  private let bytes: [UInt8]
  private var position = 0
  private var currentLine = 1
  private var fields: [Field] = []
  /// The content of this record's fields that had doubled quotes.
  private var unescaped: [UInt8] = []

  /// Reads the header of `bytes`; `file` names them in messages.
  ///
  /// - Throws: ``InputError`` if there is no header, or a column has no name or the name of another.
  package init(_ bytes: [UInt8], file: String) throws(InputError) {
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    guard try readRecord() else {
      throw InputError(.empty, file: file, message: "is empty; a header line is needed")
    }
    var seen: Set<String> = []
    for index in fields.indices {
      let name = text(index)
      guard !name.isEmpty else {
        throw InputError(
          .missing, file: file, line: line, message: "column \(index + 1) has no name; name it in the header")
      }
      guard seen.insert(name).inserted else {
        throw InputError(
          .duplicate, file: file, line: line, column: name, message: "appears twice; keep one of the two")
      }
      header.append(name)
    }
  }

  /// Moves to the next record; false at the end.
  ///
  /// - Throws: ``InputError`` with the line, if the record is malformed or its number of fields is not the
  ///   header's.
  package mutating func next() throws(InputError) -> Bool {
    guard try readRecord() else { return false }
    guard fields.count == header.count else {
      throw InputError(
        .syntax, file: file, line: line,
        message:
          "\(fields.count) fields where the header has \(header.count); check for stray commas and quotes")
    }
    return true
  }

  /// The bytes of the field in column `index` (from 0) of the current record, quotes resolved.
  package subscript(index: Int) -> ArraySlice<UInt8> {
    let field = fields[index]
    return field.isUnescaped ? unescaped[field.range] : bytes[field.range]
  }

  /// The field in column `index` (from 0) of the current record as text.
  package func text(_ index: Int) -> String {
    String(decoding: self[index], as: UTF8.self)
  }

  /// An error at the current record, in column `index`.
  package func error(_ code: InputError.Code, at index: Int, _ message: String) -> InputError {
    InputError(code, file: file, line: line, column: header[index], message: message)
  }

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private mutating func readRecord() throws(InputError) -> Bool {
    fields.removeAll(keepingCapacity: true)
    unescaped.removeAll(keepingCapacity: true)
    skipEmptyLines()
    guard position < bytes.count else { return false }
    line = currentLine
    var more = true
    while more {
      if position < bytes.count, bytes[position] == Self.quote {
        try readQuotedField()
      } else {
        try readPlainField()
      }
      more = try readSeparator()
    }
    return true
  }

  private mutating func skipEmptyLines() {
    while position < bytes.count {
      if bytes[position] == Self.lineFeed {
        position += 1
      } else if bytes[position...].starts(with: [Self.carriageReturn, Self.lineFeed]) {
        position += 2
      } else {
        return
      }
      currentLine += 1
    }
  }

  private mutating func readPlainField() throws(InputError) {
    let start = position
    var end = start
    var bits: UInt8 = 0
    while end < bytes.count {
      let byte = bytes[end]
      if byte == Self.comma || byte == Self.lineFeed || byte == Self.carriageReturn { break }
      if byte == 0 || byte == Self.quote { throw refusal(of: byte) }
      bits |= byte
      end += 1
    }
    position = end
    guard end - start <= Self.fieldLimit else { throw fieldTooLarge() }
    if bits >= 0x80 { try checkEncoding(bytes[start..<end]) }
    fields.append(Field(range: start..<end, isUnescaped: false))
  }

  private mutating func readQuotedField() throws(InputError) {
    let opened = currentLine
    let first = unescaped.count
    var start = position + 1
    var end = start
    var bits: UInt8 = 0
    while true {
      guard end < bytes.count else {
        throw InputError(
          .syntax, file: file, line: opened,
          message: "a quote opens here and never closes; close it or double it")
      }
      guard end - position <= Self.fieldLimit else { throw fieldTooLarge() }
      let byte = bytes[end]
      bits |= byte
      if byte == Self.quote {
        guard end + 1 < bytes.count, bytes[end + 1] == Self.quote else { break }
        unescaped.append(contentsOf: bytes[start...end])
        end += 2
        start = end
      } else {
        if byte == 0 { throw refusal(of: byte) }
        if byte == Self.lineFeed { currentLine += 1 }
        end += 1
      }
    }
    position = end + 1
    if unescaped.count == first {
      if bits >= 0x80 { try checkEncoding(bytes[start..<end]) }
      fields.append(Field(range: start..<end, isUnescaped: false))
    } else {
      unescaped.append(contentsOf: bytes[start..<end])
      if bits >= 0x80 { try checkEncoding(unescaped[first...]) }
      fields.append(Field(range: first..<unescaped.count, isUnescaped: true))
    }
  }

  /// Steps over what follows a field; whether another field of this record comes.
  private mutating func readSeparator() throws(InputError) -> Bool {
    guard position < bytes.count else { return false }
    switch bytes[position] {
    case Self.comma:
      position += 1
      return true
    case Self.lineFeed:
      position += 1
    case Self.carriageReturn where position + 1 < bytes.count && bytes[position + 1] == Self.lineFeed:
      position += 2
    case Self.carriageReturn:
      throw InputError(
        .syntax, file: file, line: currentLine,
        message: "a carriage return without a line feed; end lines in LF or CRLF")
    default:
      throw InputError(
        .syntax, file: file, line: currentLine,
        message: "text after a closing quote; double the quotes inside a field")
    }
    currentLine += 1
    return false
  }

  private func checkEncoding(_ field: ArraySlice<UInt8>) throws(InputError) {
    guard String(validating: field, as: UTF8.self) == nil else { return }
    throw InputError(
      .encoding, file: file, line: currentLine, message: "is not UTF-8; save the file as UTF-8")
  }

  private func refusal(of byte: UInt8) -> InputError {
    let message =
      byte == 0
      ? "holds a NUL byte; this is not a text file"
      : "a quote inside an unquoted field; quote the whole field and double the quote"
    return InputError(.syntax, file: file, line: currentLine, message: message)
  }

  private func fieldTooLarge() -> InputError {
    InputError(
      .tooLarge, file: file, line: line,
      message: "a field of more than \(Self.fieldLimit) bytes; check for a quote that never closes")
  }
}
