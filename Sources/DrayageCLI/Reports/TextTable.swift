/// Columns of text, aligned: the first to the left, the others to the right unless told otherwise.
struct TextTable {
  private var rows: [[String]] = []
  private let leading: Set<Int>

  /// - Parameter leading: the columns that are aligned to the left.
  init(_ header: [String], leading: Set<Int> = [0]) {
    rows = [header]
    self.leading = leading
  }

  mutating func add(_ row: [String]) { rows.append(row) }

  /// The lines, indented by two spaces except the header.
  var lines: [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { c in rows.map { c < $0.count ? $0[c].count : 0 }.max() ?? 0 }
    return rows.map { row in
      var line = "  "
      for (c, text) in row.enumerated() {
        let padding = String(repeating: " ", count: max(0, widths[c] - text.count))
        let isLast = c == row.count - 1
        line += leading.contains(c) ? text + (isLast ? "" : padding) : padding + text
        if !isLast { line += "  " }
      }
      return line
    }
  }
}
