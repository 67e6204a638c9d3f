#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Cuts a stream of bytes into lines, however the bytes are split, holding at most one line.
struct LineCutter: Sendable {
  /// A line, or that there was one too long to be held.
  enum Cut: Hashable, Sendable {
    case line([UInt8])
    case tooLong
  }

  /// The most bytes of one line.
  private let most: Int
  private var line: [UInt8] = []
  /// The rest of a line that is too long passes by.
  private var isSkipping = false

  /// - Parameter most: the most bytes of one line; at least 1.
  init(most: Int) {
    self.most = max(1, most)
  }

  /// How many bytes are held.
  var held: Int { line.count }

  /// Appends the lines that `bytes` complete, without their ends; blank ones are left out.
  mutating func take(_ bytes: [UInt8], into cuts: inout [Cut]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let end = Self.lineEnd(in: rest)
      add(rest[..<end], into: &cuts)
      guard end < rest.endIndex else { return }
      rest = rest[(end + 1)...]
      endLine(into: &cuts)
    }
  }

  /// The stream is over: what follows the last line end is a line too.
  mutating func finish(into cuts: inout [Cut]) { endLine(into: &cuts) }

  private mutating func add(_ piece: ArraySlice<UInt8>, into cuts: inout [Cut]) {
    guard !isSkipping else { return }
    guard piece.count <= most - line.count else {
      isSkipping = true
      line = []
      cuts.append(.tooLong)
      return
    }
    line += piece
  }

  /// Where the first line feed is, or the end of all.
  private static func lineEnd(in bytes: ArraySlice<UInt8>) -> Int {
    bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress, let found = memchr(start, 0x0A, buffer.count) else {
        return bytes.endIndex
      }
      return bytes.startIndex + (UnsafeRawPointer(found) - start)
    }
  }

  private mutating func endLine(into cuts: inout [Cut]) {
    defer { isSkipping = false }
    let isBlank = line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    if !isBlank { cuts.append(.line(line)) }
    line.removeAll(keepingCapacity: line.count < 1 << 20)
  }
}
