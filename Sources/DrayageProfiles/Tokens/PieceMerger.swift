/// Byte-pair merging of one piece: again and again the adjacent pair with the lowest rank becomes one token,
/// the leftmost of equals first (Sennrich, Haddow and Birch 2016, with ranks as priorities).
///
/// Holds its arrays between pieces. A short piece takes O(n^2) with a tiny constant, a long one O(n log n)
/// with a heap of pairs over a linked list of parts.
struct PieceMerger {
  private static let longPiece = 96

  private let ranks: TokenRanks
  /// The starts of the parts, then the end of the piece; for long pieces the parts that are left.
  private(set) var bounds: [Int] = []
  private var pairs: [UInt32] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  private var heap: [UInt64] = []

  init(_ ranks: TokenRanks) {
    self.ranks = ranks
  }

  /// Leaves the tokens' bounds, one more than there are tokens, in ``bounds``.
  mutating func merge(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) {
    bounds.removeAll(keepingCapacity: true)
    if end - start == 1 || ranks.rank(text, start, end) != .max {
      bounds.append(start)
      bounds.append(end)
    } else if end - start < PieceMerger.longPiece {
      mergeShort(text, start, end)
    } else {
      mergeLong(text, start, end)
    }
  }

  private mutating func mergeShort(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) {
    pairs.removeAll(keepingCapacity: true)
    for position in start..<end {
      bounds.append(position)
      pairs.append(position + 2 <= end ? ranks.rank(text, position, position + 2) : .max)
    }
    bounds.append(end)
    while true {
      var best = UInt32.max
      var at = 0
      for index in pairs.indices where pairs[index] < best {
        best = pairs[index]
        at = index
      }
      if best == .max { return }
      bounds.remove(at: at + 1)
      pairs.remove(at: at + 1)
      pairs[at] = pair(text, at)
      if at > 0 { pairs[at - 1] = pair(text, at - 1) }
    }
  }

  private func pair(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> UInt32 {
    index + 2 < bounds.count ? ranks.rank(text, bounds[index], bounds[index + 2]) : .max
  }

  private mutating func mergeLong(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) {
    let count = end - start
    precondition(count < Int(Int32.max), "a piece of 2 GiB or more")
    next = (0..<count).map { Int32($0 + 1) }
    previous = (0..<count).map { Int32($0 - 1) }
    pairs = [UInt32](repeating: .max, count: count)
    heap.removeAll(keepingCapacity: true)
    for part in 0..<count { renew(part, text, start, count) }
    while let top = popLowest() {
      let part = Int(top & 0xFFFF_FFFF)
      // Entries whose pair has changed since are stale.
      if pairs[part] != UInt32(top >> 32) { continue }
      let absorbed = Int(next[part])
      let following = next[absorbed]
      next[part] = following
      pairs[absorbed] = .max
      if Int(following) < count { previous[Int(following)] = Int32(part) }
      renew(part, text, start, count)
      if previous[part] >= 0 { renew(Int(previous[part]), text, start, count) }
    }
    var part = 0
    while part < count {
      bounds.append(start + part)
      part = Int(next[part])
    }
    bounds.append(end)
  }

  private mutating func renew(_ part: Int, _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) {
    let middle = Int(next[part])
    let rank = middle < count ? ranks.rank(text, start + part, start + Int(next[middle])) : .max
    pairs[part] = rank
    if rank != .max { push(UInt64(rank) << 32 | UInt64(part)) }
  }

  private mutating func push(_ entry: UInt64) {
    heap.append(entry)
    var index = heap.count - 1
    while index > 0, heap[(index - 1) / 2] > entry {
      heap[index] = heap[(index - 1) / 2]
      index = (index - 1) / 2
    }
    heap[index] = entry
  }

  private mutating func popLowest() -> UInt64? {
    guard let top = heap.first, let last = heap.popLast() else { return nil }
    if heap.isEmpty { return top }
    var index = 0
    while true {
      var child = 2 * index + 1
      if child >= heap.count { break }
      if child + 1 < heap.count && heap[child + 1] < heap[child] { child += 1 }
      if heap[child] >= last { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = last
    return top
  }
}
