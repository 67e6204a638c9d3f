import Drayage
import Foundation

/// The lines of a file, one after the other, in bounded memory.
struct LineReader {
  /// One line, without its end.
  struct Line {
    /// From 1.
    let number: Int
    /// Where it begins in the file.
    let offset: Int
    /// Its bytes; `nil` if there are more than ``mostLineBytes``.
    let bytes: [UInt8]?
  }

  /// The most bytes of a line that is read: 16 MiB.
  static let mostLineBytes = 16 << 20
  private static let chunk = 1 << 20

  private let file: RegularFile
  private var buffer: [UInt8] = []
  /// Where the first byte of `buffer` that is not read yet stands.
  private var next = 0
  /// Where that byte stands in the file.
  private var offset = 0
  private var number = 0
  private var isAtEnd = false

  init(_ file: RegularFile) { self.file = file }

  /// The next line; `nil` at the end.
  ///
  /// - Throws: ``InputError`` if the file cannot be read.
  mutating func line() throws(InputError) -> Line? {
    if number == 0, buffer.isEmpty {
      try fill()
      // A mark of byte order is no part of the first line.
      if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { next = 3 }
      offset = next
    }
    var searched = next
    var isTooLong = false
    let start = offset
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        return take(to: end, start, isTooLong)
      }
      guard !isAtEnd else {
        return next < buffer.count || isTooLong ? take(to: buffer.count, start, isTooLong) : nil
      }
      if buffer.count - next > Self.mostLineBytes {
        isTooLong = true
        offset += buffer.count - next
        buffer.removeAll(keepingCapacity: true)
        next = 0
      }
      searched = buffer.count - next
      try fill()
    }
  }

  private mutating func take(to end: Int, _ start: Int, _ isTooLong: Bool) -> Line {
    number += 1
    let count = end - next
    let bytes = isTooLong || count > Self.mostLineBytes ? nil : Array(buffer[next..<end])
    offset += count + 1
    next = min(end + 1, buffer.count)
    return Line(number: number, offset: start, bytes: bytes)
  }

  /// Reads more behind what is not read yet, which comes to stand at the front.
  private mutating func fill() throws(InputError) {
    buffer.removeFirst(min(next, buffer.count))
    next = 0
    let place = offset + buffer.count
    let more = try file.bytes(place..<place + Self.chunk)
    buffer += more
    isAtEnd = more.count < Self.chunk
  }
}
