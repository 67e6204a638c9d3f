/// A JSON text that was read: its bytes, and one entry for every value and key in them, in the order in which they begin.
///
/// The tape of simdjson (Langdale and Lemire, https://arxiv.org/abs/1902.08318): a value needs no memory of its own, and a
/// text or number that nobody asks for is never made.
final class JSONTape: Sendable {
  /// A value, or the key of a member, which stands before its value.
  struct Entry {
    enum Kind: UInt8 { case null, yes, no, number, string, array, object }

    let kind: Kind
    /// Whether it is a text with escapes.
    var isEscaped = false
    /// Whether it is a text of ASCII without escapes: such texts are the same if their bytes are. Kept of keys.
    var isPlain = false
    /// Where it begins among the bytes.
    let start: UInt32
    /// Where it ends.
    var end: UInt32
    /// The number of line ends before it.
    let line: UInt32
    /// The entry behind it and all that is in it.
    var next: UInt32
    /// Of a text with escapes its place in ``JSONTape/texts``.
    var text: UInt32 = 0

    /// The bytes, with the quotes of a text.
    var range: Range<Int> { Int(start)..<Int(end) }
    /// The bytes of a text between its quotes.
    var content: Range<Int> { Int(start) + 1..<Int(end) - 1 }
  }

  let bytes: [UInt8]
  private let entries: Entries
  /// What the texts with escapes mean.
  let texts: [String]
  /// The line that the bytes begin on, 1 or more.
  let firstLine: Int

  init(bytes: [UInt8], entries: consuming Entries, texts: [String], firstLine: Int) {
    self.bytes = bytes
    self.entries = entries
    self.texts = texts
    self.firstLine = firstLine
  }

  subscript(place: Int) -> Entry { entries[place] }

  /// What a text means.
  func text(_ place: Int) -> String {
    let entry = entries[place]
    return entry.isEscaped ? texts[Int(entry.text)] : written(entry.content)
  }

  /// What is written in a part of the bytes.
  func written(_ range: Range<Int>) -> String {
    bytes.withUnsafeBufferPointer {
      String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
    }
  }

  /// The value of the member of an object with this key; nil if there is none.
  func value(of key: UnsafeBufferPointer<UInt8>, in object: Int) -> Int? {
    bytes.withUnsafeBufferPointer { entries.value(of: key, in: object, bytes: $0, texts: texts) }
  }
}

extension JSONTape {
  /// The entries: a list without what an array does besides, since every value and key makes one.
  struct Entries: ~Copyable, @unchecked Sendable {
    private var list: UnsafeMutablePointer<Entry>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
      self.capacity = max(1, capacity)
      list = .allocate(capacity: self.capacity)
    }

    deinit { list.deallocate() }

    mutating func append(_ entry: Entry) {
      if count == capacity {
        let longer = UnsafeMutablePointer<Entry>.allocate(capacity: 2 * capacity)
        longer.moveInitialize(from: list, count: count)
        list.deallocate()
        list = longer
        capacity *= 2
      }
      (list + count).initialize(to: entry)
      count += 1
    }

    subscript(place: Int) -> Entry {
      _read {
        precondition(place >= 0 && place < count)
        yield list[place]
      }
      _modify {
        precondition(place >= 0 && place < count)
        yield &list[place]
      }
    }

    /// See ``JSONTape/value(of:in:)``.
    func value(
      of key: UnsafeBufferPointer<UInt8>, in object: Int, bytes: UnsafeBufferPointer<UInt8>, texts: [String]
    ) -> Int? {
      // What is in an object stands between its entry and that behind it.
      let end = Int(self[object].next)
      var place = object + 1
      while place < end {
        let entry = list + place
        let isSame =
          entry.pointee.isEscaped
          ? texts[Int(entry.pointee.text)].utf8.elementsEqual(key)
          : entry.pointee.isSame(as: key, in: bytes)
        if isSame { return place + 1 }
        place = Int(list[place + 1].next)
      }
      return nil
    }
  }
}

extension JSONTape.Entry {
  /// The bytes of a text between its quotes.
  func content(in bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[content])
  }

  /// Whether a text is written like `other`. Most keys differ in their length already.
  func isSame(as other: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard Int(end) &- Int(start) == other.count &+ 2 else { return false }
    guard let own = bytes.baseAddress, let other = other.baseAddress else { return true }
    let (first, length) = (own + Int(start) + 1, Int(end) &- Int(start) &- 2)
    var index = 0
    while index < length, first[index] == other[index] { index &+= 1 }
    return index == length
  }
}
