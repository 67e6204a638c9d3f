import Drayage

/// Constraints that conflict, as people and programs read them.
struct ConflictReport {
  /// A time that cannot be kept, in seconds, and the least that can.
  struct Time {
    let within: Double
    let needed: Double
  }

  let conflict: Conflict
  var time: Time?

  var text: String {
    let names = conflict.rows.map { row in
      "\(row.name) \(row.isMost ? "<=" : ">=") \(PlanReport.amount(row.limit, row.kind))"
    }
    let all = names.joined(separator: ", ")
    var lines = [
      conflict.isOnlyFractional
        ? "infeasible: no assignment of whole requests was found that keeps \(all)"
        : names.count == 1 ? "infeasible: \(all) cannot be kept" : "infeasible: these conflict: \(all)"
    ]
    let restoring = conflict.rows.filter { $0.needed != nil }
    if !restoring.isEmpty {
      lines.append(restoring.count == 1 ? "this restores it:" : "any one of these restores it:")
      var table = TextTable(["constraint", "is", "", "would have to be"], leading: [0, 2])
      for row in restoring {
        guard let needed = row.needed else { continue }
        table.add([row.name, PlanReport.amount(row.limit, row.kind), "->", Self.needed(needed, row)])
      }
      lines += table.lines
    }
    if restoring.isEmpty, !conflict.isOnlyFractional {
      lines.append("none of them alone restores it; the least relaxation of all together, and a little more:")
      var table = TextTable(["constraint", "is", "", "would have to be"], leading: [0, 2])
      for row in conflict.rows {
        table.add([
          row.name, PlanReport.amount(row.limit, row.kind), "->", Self.needed(row.together, row),
        ])
      }
      lines += table.lines
    }
    if let time {
      lines.append(
        "or more time: the rate limits let all through within \(TimeArgument.text(time.needed)), not "
          + "\(TimeArgument.text(time.within)); --best-effort takes it")
    }
    return lines.joined(separator: "\n")
  }

  /// A limit that suffices when it is typed in as printed: rounded to the side of more room.
  private static func needed(_ value: Double, _ row: Conflict.Row) -> String {
    let unit: Double =
      switch row.kind {
      case .budget: 1e6
      case .quota: 1
      case .quality, .deadline, .share: 1e4
      }
    let rounded =
      (value * unit + (row.isMost ? -1e-6 : 1e-6)).rounded(row.isMost ? .up : .down) / unit
    return row.kind == .budget ? "$" + NumberText.fixed(rounded, 6) : PlanReport.amount(rounded, row.kind)
  }

  private struct Document: Encodable {
    struct Row: Encodable {
      let name: String
      let limit: Double
      let relation: String
      let needed: Double?
      let together: Double
    }

    let status = "infeasible"
    let onlyFractional: Bool
    let conflict: [Row]
    let withinS: Double?
    let neededS: Double?
    let solveSeconds: Double
  }

  var json: String {
    get throws {
      try JSONReport.text(
        Document(
          onlyFractional: conflict.isOnlyFractional,
          conflict: conflict.rows.map {
            .init(
              name: $0.name, limit: $0.limit, relation: $0.isMost ? "<=" : ">=", needed: $0.needed,
              together: $0.together)
          }, withinS: time?.within, neededS: time?.needed, solveSeconds: conflict.solveSeconds))
    }
  }
}
