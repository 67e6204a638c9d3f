import Foundation
import Testing

/// The table of the fault matrix in the documentation: written from results, and compared with what stands there.
enum FaultTable {
  private static let begin = "<!-- begin of the table -->\n"
  private static let end = "<!-- end of the table -->\n"

  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/Drayage/Documentation.docc/Failures.md").standardizedFileURL

  /// Expects the documentation to say what `cells` say: fault, wire format, form and what came of it.
  ///
  /// With the environment variable `DRAYAGE_WRITE_DOCUMENTATION` set, writes it there instead.
  static func check(_ cells: [(fault: String, dialect: String, form: String, result: String)]) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    let parts = text.components(separatedBy: begin)
    let rest = parts.last?.components(separatedBy: end) ?? []
    guard parts.count == 2, rest.count == 2 else {
      Issue.record("\(file.path) lacks the marks of the table")
      return
    }
    let table = self.table(cells)
    if ProcessInfo.processInfo.environment["DRAYAGE_WRITE_DOCUMENTATION"] != nil {
      try (parts[0] + begin + table + end + rest[1]).write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(rest[0] == table, "run the tests with DRAYAGE_WRITE_DOCUMENTATION=1 if the change is meant")
    }
  }

  /// One line for the cells of a fault and a form that came out alike.
  private static func table(
    _ cells: [(fault: String, dialect: String, form: String, result: String)]
  ) -> String {
    var order: [[String]] = []
    var dialects: [[String]: [String]] = [:]
    for cell in cells {
      let key = [cell.fault, cell.form, cell.result]
      if dialects[key] == nil { order.append(key) }
      dialects[key, default: []].append(cell.dialect)
    }
    let all = Set(cells.map(\.dialect)).count
    let lines = order.map { key in
      let those = dialects[key, default: []]
      return
        "| \(key.joined(separator: " | ")) | \(those.count == all ? "all \(all)" : those.joined(separator: ", ")) |\n"
    }
    return
      "| fault | answer | taken for | attempts | end | failed attempt charged | breaker | wire formats |\n"
      + "|---|---|---|---|---|---|---|---|\n" + lines.joined()
      + "\n\(cells.count) cells: \(Set(cells.map(\.fault)).count) faults, \(all) wire formats, whole and streamed.\n"
  }
}
