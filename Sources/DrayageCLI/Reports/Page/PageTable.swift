/// A table whose columns hold text or numbers.
struct PageTable {
  /// A column's heading, by what is below it; long text gets more room on a narrow screen.
  enum Column {
    case text(String)
    case long(String)
    case number(String)
  }

  private let columns: [Column]
  private let rows: [[Markup]]
  private let total: [Markup]?

  /// - Parameter rows: one cell a column each.
  init(_ columns: [Column], _ rows: [[Markup]], total: [Markup]? = nil) {
    self.columns = columns
    self.rows = rows
    self.total = total
  }

  var markup: Markup {
    let headings: [Markup] = columns.map { column in
      switch column {
      case .text(let title), .long(let title): "<th scope=\"col\">\(title)</th>"
      case .number(let title): "<th scope=\"col\" class=\"number\">\(title)</th>"
      }
    }
    var foot: Markup = ""
    if let total { foot = "<tfoot>\(row(total))</tfoot>" }
    return """
      <div class="scroll"><table>
      <thead><tr>\(headings.joined(""))</tr></thead>
      <tbody>
      \(rows.map(row).joined())
      </tbody>
      \(foot)
      </table></div>
      """
  }

  private func row(_ cells: [Markup]) -> Markup {
    let cells: [Markup] = zip(columns, cells).map { column, cell in
      switch column {
      case .text: "<td class=\"text\">\(cell)</td>"
      case .long: "<td class=\"long\">\(cell)</td>"
      case .number: "<td class=\"number\">\(cell)</td>"
      }
    }
    return "<tr>\(cells.joined(""))</tr>"
  }
}
