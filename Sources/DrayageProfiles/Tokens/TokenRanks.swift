/// The ranks of byte strings: an open-addressing hash table over one array of all the tokens' bytes.
///
/// A lookup hashes a part of the text in place and allocates nothing.
struct TokenRanks: Sendable {
  private struct Entry {
    var start: Int
    var length: Int
    var rank: UInt32
  }

  private var storage: [UInt8] = []
  private var entries: [Entry] = []
  /// Indices of entries plus 1; 0 is free. A power of two in number, at most half full.
  private var slots = [UInt32](repeating: 0, count: 1_024)
  private var singles = [UInt32](repeating: .max, count: 256)

  /// The length in bytes of the longest token.
  private var longest = 0

  var count: Int { entries.count }

  /// The rank of a single byte.
  subscript(single byte: UInt8) -> UInt32? {
    let rank = singles[Int(byte)]
    return rank == .max ? nil : rank
  }

  /// The rank of a part of a text, or `UInt32.max`.
  @inline(__always)
  func rank(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> UInt32 {
    if end - start > longest { return .max }
    var slot = TokenRanks.hash(text, start, end) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      if entry.length == end - start && matches(entry, text, start) { return entry.rank }
      slot = (slot + 1) & (slots.count - 1)
    }
    return .max
  }

  private func matches(_ entry: Entry, _ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
    for offset in 0..<entry.length where storage[entry.start + offset] != text[start + offset] {
      return false
    }
    return true
  }

  /// Adds a token; false when it is there already.
  mutating func insert(_ token: [UInt8], _ rank: UInt32) -> Bool {
    let known = token.withUnsafeBufferPointer { self.rank($0, 0, token.count) }
    if known != .max { return false }
    entries.append(Entry(start: storage.count, length: token.count, rank: rank))
    storage.append(contentsOf: token)
    longest = max(longest, token.count)
    if token.count == 1 { singles[Int(token[0])] = rank }
    if entries.count * 2 > slots.count { grow() } else { place(entries.count - 1) }
    return true
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for index in entries.indices { place(index) }
  }

  private mutating func place(_ index: Int) {
    let entry = entries[index]
    var slot =
      storage.withUnsafeBufferPointer { TokenRanks.hash($0, entry.start, entry.start + entry.length) }
      & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt32(index + 1)
  }

  /// FNV-1a over 64 bits, with a final mix since only the low bits choose the slot.
  @inline(__always)
  private static func hash(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in start..<end { hash = (hash ^ UInt64(text[index])) &* 0x0000_0100_0000_01B3 }
    hash ^= hash >> 32
    return Int(truncatingIfNeeded: hash & UInt64(Int.max))
  }
}
