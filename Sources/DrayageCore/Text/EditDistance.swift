/// How many edits turn one text into another.
package enum EditDistance {
  /// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, no part edited twice (the optimal string alignment
  /// distance). O(a·b) time, O(b) memory.
  package static func between<Element: Equatable>(_ a: [Element], _ b: [Element]) -> Int {
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      row.reserveCapacity(b.count + 1)
      for j in b.indices {
        var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
        row.append(best)
      }
      before = last
      last = row
    }
    return last[b.count]
  }
}
