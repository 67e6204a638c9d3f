/// Finds groups that are equal in everything, so that they can be stored and decided once.
enum EqualGroups {
  private static let sampled = 2_048

  /// The first group equal to each; `nil` if a sample shows hardly any.
  static func leaders(_ input: ChoiceProblem.Input, _ segmentOf: [Int32]) -> [Int32]? {
    let n = input.groupCount
    let stride = max(1, n / sampled)
    var seen: Set<UInt64> = []
    var looked = 0
    for i in Swift.stride(from: 0, to: n, by: stride) {
      seen.insert(hash(input, segmentOf, i))
      looked += 1
    }
    // Of a sample of s from n groups with r equals each, about s^2 r / 2n coincide.
    let coincidences = looked - seen.count
    guard coincidences > looked / 64 else { return nil }
    var first: [UInt64: Int32] = [:]
    return (0..<n).map { i in
      let hash = hash(input, segmentOf, i)
      if let leader = first[hash], isEqual(input, segmentOf, Int(leader), i) { return leader }
      first[hash] = Int32(i)
      return Int32(i)
    }
  }

  /// Every number that makes up a group, ineligible pairs as NaN.
  private static func forEachValue(
    _ input: ChoiceProblem.Input, _ i: Int, _ body: (UInt64) -> Bool
  ) {
    let n = input.groupCount
    for feature in input.features where !body(UInt64(feature[i].bitPattern)) { return }
    for attribute in input.attributes {
      for j in 0..<input.optionCount {
        var value = Double.nan
        if input.eligible.map({ $0[j * n + i] }) ?? true {
          switch attribute.source {
          case .doubles(let values): value = values[j * n + i]
          case .floats(let values): value = Double(values[j * n + i])
          case .computed(_, let compute): value = compute(i, j) ?? .nan
          case .linear: break
          }
        }
        guard body(value.bitPattern) else { return }
        if case .linear = attribute.source, input.eligible == nil { break }
      }
    }
  }

  private static func hash(_ input: ChoiceProblem.Input, _ segmentOf: [Int32], _ i: Int) -> UInt64 {
    var hash = UInt64(segmentOf[i]) &+ 0x9E37_79B9_7F4A_7C15
    forEachValue(input, i) { bits in
      hash = (hash ^ bits) &* 0xFF51_AFD7_ED55_8CCD
      hash ^= hash >> 32
      return true
    }
    return hash
  }

  private static func isEqual(
    _ input: ChoiceProblem.Input, _ segmentOf: [Int32], _ a: Int, _ b: Int
  ) -> Bool {
    guard segmentOf[a] == segmentOf[b] else { return false }
    var values: [UInt64] = []
    forEachValue(input, a) { bits in
      values.append(bits)
      return true
    }
    var at = 0
    var isEqual = true
    forEachValue(input, b) { bits in
      isEqual = bits == values[at]
      at += 1
      return isEqual
    }
    return isEqual
  }
}
