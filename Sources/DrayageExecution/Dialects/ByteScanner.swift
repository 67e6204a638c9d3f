/// Reads a short text from left to right.
struct ByteScanner {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: some StringProtocol) {
    bytes = Array(text.utf8)
  }

  /// Whether everything was read.
  var isAtEnd: Bool { position == bytes.count }

  /// Reads `text` if it comes next, byte by byte.
  mutating func take(_ text: StaticString) -> Bool {
    let expected = text.withUTF8Buffer { Array($0) }
    guard bytes[position...].starts(with: expected) else { return false }
    position += expected.count
    return true
  }

  /// Reads a whole number of so many digits; nil, and nothing read, if there are fewer or more.
  mutating func number(digits: ClosedRange<Int>) -> Int? {
    let run = bytes[position...].prefix { (0x30...0x39).contains($0) }
    guard digits.contains(run.count), digits.upperBound <= 18 else { return nil }
    position += run.count
    return run.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// Reads letters of ASCII, at least one.
  mutating func word() -> String? {
    let run = bytes[position...].prefix { (0x41...0x5A).contains($0 & 0xDF) }
    guard !run.isEmpty else { return nil }
    position += run.count
    return String(decoding: run, as: UTF8.self)
  }

  /// Reads digits with an optional fraction, at most 18 of each.
  mutating func decimal() -> Double? {
    var copy = self
    guard let whole = copy.number(digits: 1...18) else { return nil }
    var value = Double(whole)
    if copy.take(".") {
      let start = copy.position
      guard let fraction = copy.number(digits: 1...18) else { return nil }
      var scale = 1.0
      for _ in start..<copy.position { scale *= 10 }
      value += Double(fraction) / scale
    }
    self = copy
    return value
  }
}
