/// What the estimator needs to know of a text: how many runs of each kind it has.
///
/// Counted in one pass, O(bytes) time and O(1) memory, once per text whatever the number of families it is
/// estimated for. The runs of several texts add up to those of the texts sent one after the other.
public struct TextRuns: Sendable, Equatable {
  /// The counters, in the order of the estimator's coefficients. All are at least 0.
  public private(set) var counts: [Int]
  /// The length of the text in bytes of UTF-8.
  public private(set) var byteCount: Int
  /// Bytes of Han, Hangul and kana characters: normalization never lengthens them to more than
  /// ``Normalization/stableExpansion`` times.
  public private(set) var stableByteCount: Int
  /// Bytes of all other well-formed characters outside ASCII.
  public private(set) var otherByteCount: Int

  /// Bytes that are no part of well-formed UTF-8. A text of type `String` has none.
  public var malformedByteCount: Int { counts[RunFeature.malformed] }

  /// The positions of the counters that are not 0.
  package var present: [Int] {
    var present: [Int] = []
    present.reserveCapacity(64)
    counts.withUnsafeBytes { bytes in
      // Most are 0: they are passed over four at a time.
      let fours = bytes.count / MemoryLayout<SIMD4<Int>>.size
      for four in 0..<fours {
        let some = bytes.loadUnaligned(
          fromByteOffset: four * MemoryLayout<SIMD4<Int>>.size, as: SIMD4<Int>.self)
        if some == .zero { continue }
        for index in 0..<4 where some[index] > 0 { present.append(4 * four + index) }
      }
    }
    for index in counts.indices.suffix(counts.count % 4) where counts[index] > 0 { present.append(index) }
    return present
  }

  /// The runs of an empty text.
  public init() {
    counts = [Int](repeating: 0, count: RunFeature.count)
    byteCount = 0
    stableByteCount = 0
    otherByteCount = 0
  }

  /// Counts the runs of a text.
  public init(_ text: String) {
    var text = text
    self = text.withUTF8 { TextRuns(utf8: $0) }
  }

  /// Counts the runs of bytes of UTF-8, such as a body from the network; malformed bytes are counted apart.
  public init(utf8 bytes: some Sequence<UInt8>) {
    if let counted = bytes.withContiguousStorageIfAvailable({ TextRuns(utf8: $0) }) {
      self = counted
    } else {
      self = ContiguousArray(bytes).withUnsafeBufferPointer { TextRuns(utf8: $0) }
    }
  }

  /// Counts the runs of bytes of UTF-8 in memory.
  public init(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    self.init()
    add(utf8: bytes)
  }

  /// Adds the runs of another text, without counting them apart first.
  public mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(utf8: $0) }
  }

  private mutating func add(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress else { return }
    byteCount += bytes.count
    let (stable, other) = counts.withUnsafeMutableBufferPointer { counts in
      guard let room = counts.baseAddress else { return (0, 0) }
      var scanner = RunScanner(bytes: base, count: bytes.count, counts: room)
      scanner.scan()
      return (scanner.stableBytes, scanner.otherBytes)
    }
    stableByteCount += stable
    otherByteCount += other
  }

  /// Adds the runs of another text.
  public static func += (sum: inout TextRuns, other: TextRuns) {
    for index in sum.counts.indices { sum.counts[index] += other.counts[index] }
    sum.byteCount += other.byteCount
    sum.stableByteCount += other.stableByteCount
    sum.otherByteCount += other.otherByteCount
  }
}
