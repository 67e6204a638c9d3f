/// Gathers a reply from its header lines and pieces of body, within limits.
struct ReplyCollector {
  /// The final status; zero until its line has come.
  private(set) var status = 0
  private(set) var fields = HTTPFields()
  private(set) var body: [UInt8] = []
  /// Whether the header of the final reply is complete.
  private(set) var headerIsComplete = false
  /// Whether something was refused because of a limit.
  private(set) var overflowed = false

  private let limits: HTTPRequest.Limits
  private var headerBytes = 0
  private var passedBytes = 0

  init(limits: HTTPRequest.Limits) {
    self.limits = HTTPRequest.Limits(
      headerBytes: max(0, limits.headerBytes), bodyBytes: max(0, limits.bodyBytes))
  }

  /// Takes one header line, line end included. Interim replies (status below 200) are passed over, and so are
  /// fields after the body.
  ///
  /// - Returns: Whether to go on; false once the limit is exceeded.
  mutating func takeLine(_ line: UnsafeRawBufferPointer) -> Bool {
    guard line.count <= limits.headerBytes - headerBytes else {
      overflowed = true
      return false
    }
    headerBytes += line.count
    guard !headerIsComplete else { return true }
    let text = ReplyCollector.trim(line[...])
    if text.isEmpty {
      headerIsComplete = status >= 200
    } else if line.starts(with: "HTTP/".utf8) {
      status = ReplyCollector.status(in: text)
      fields = HTTPFields(reserving: 16)
    } else if line[0] == UInt8(ascii: " ") || line[0] == UInt8(ascii: "\t") {
      fields.continueLast(with: String(decoding: text, as: UTF8.self))
    } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      let value = ReplyCollector.trim(text[(colon + 1)...])
      fields.append(
        String(decoding: value, as: UTF8.self),
        for: String(decoding: ReplyCollector.trim(text[..<colon]), as: UTF8.self))
    }
    return true
  }

  /// Takes a piece of body.
  ///
  /// - Returns: Whether to go on; false once the limit is exceeded.
  mutating func takeBody(_ piece: UnsafeRawBufferPointer) -> Bool {
    guard piece.count <= limits.bodyBytes - body.count else {
      overflowed = true
      return false
    }
    if body.isEmpty, let announced = fields["content-length"].flatMap({ Int($0) }), announced > piece.count {
      // An announcement is not yet a byte received: reserve no more than a modest part on its word.
      body.reserveCapacity(min(announced, limits.bodyBytes, 1 << 20))
    }
    body.append(contentsOf: piece)
    return true
  }

  /// Whether a piece of body that is not kept may be passed on; false once the limit is exceeded.
  mutating func hasRoom(for count: Int) -> Bool {
    overflowed = overflowed || count > limits.bodyBytes - passedBytes
    return !overflowed
  }

  /// Counts a piece of body that was passed on.
  mutating func passBody(_ count: Int) { passedBytes += count }

  /// The number after the first blank of a status line; zero if there is none of three digits.
  private static func status(in line: Slice<UnsafeRawBufferPointer>) -> Int {
    guard let blank = line.firstIndex(of: UInt8(ascii: " ")) else { return 0 }
    let digits = line[(blank + 1)...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard digits.count == 3 else { return 0 }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// Without the blanks and line ends at both ends.
  private static func trim(_ line: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    var line = line.drop(while: isBlank)
    while let last = line.last, isBlank(last) { line = line.dropLast() }
    return line
  }
}
