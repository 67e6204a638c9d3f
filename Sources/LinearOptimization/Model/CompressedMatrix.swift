/// A sparse matrix, compressed by column or by row (the *major* dimension). Zeros are left out.
public struct CompressedMatrix: Sendable {
  /// Where each major begins in ``indices`` and ``values``; one more element than majors, the last being the
  /// number of entries.
  public let starts: [Int]
  /// The minor index of each entry, from zero, in the order in which the entries were given.
  public let indices: [Int32]
  /// The value of each entry.
  public let values: [Double]

  /// The entries of one major, as a range of ``indices`` and ``values``.
  public subscript(major: Int) -> Range<Int> { starts[major]..<starts[major + 1] }

  /// A counting sort of triplets; those out of range are left out. O(entries + majors).
  init(major: [Int32], minor: [Int32], values: [Double], majorCount: Int, minorCount: Int) {
    let majors = 0..<Int32(clamping: majorCount)
    let minors = 0..<Int32(clamping: minorCount)
    func counts(_ e: Int) -> Bool { values[e] != 0 && majors.contains(major[e]) && minors.contains(minor[e]) }
    var next = Array(repeating: 0, count: majorCount + 1)
    for e in values.indices where counts(e) { next[Int(major[e]) + 1] += 1 }
    for i in 0..<majorCount { next[i + 1] += next[i] }
    starts = next
    var indices = Array(repeating: Int32(0), count: next[majorCount])
    var sorted = Array(repeating: 0.0, count: next[majorCount])
    for e in values.indices where counts(e) {
      let at = next[Int(major[e])]
      next[Int(major[e])] += 1
      indices[at] = minor[e]
      sorted[at] = values[e]
    }
    self.indices = indices
    self.values = sorted
  }
}
