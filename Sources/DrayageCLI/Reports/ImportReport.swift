import Drayage

/// What a public price list adds to the catalog, and where the two disagree.
struct ImportReport {
  let found: CatalogImport
  let written: [String]
  let listsEntries: Bool

  private struct Document: Encodable {
    struct Entry: Encodable {
      let key: String
      let line: Int
      let offer: String?
      let outcome: String
      let reasons: [String]
    }

    struct Disagreement: Encodable {
      let offer: String
      let kind: String
      let subject: String
      let ours: String?
      let theirs: String
      let ratio: Double?
      let entry: String
      let line: Int
    }

    let entries: [Entry]
    let additions: [String]
    let identical: [String]
    let disagreements: [Disagreement]
    let written: [String]
  }

  private static func words(_ outcome: ImportedEntry.Outcome) -> (name: String, reasons: [String]) {
    switch outcome {
    case .whole: ("whole", [])
    case .part(let remarks): ("part", remarks.map(\.description))
    case .refused(let refusal): ("refused", [refusal.description])
    }
  }

  var json: String {
    get throws {
      try JSONReport.text(
        Document(
          entries: found.entries.map { entry in
            let (name, reasons) = Self.words(entry.outcome)
            return .init(
              key: entry.key, line: entry.line, offer: entry.offer, outcome: name, reasons: reasons)
          }, additions: found.additions, identical: found.identical,
          disagreements: found.disagreements.map {
            .init(
              offer: $0.offer, kind: "\($0.kind)", subject: $0.subject, ours: $0.ours, theirs: $0.theirs,
              ratio: $0.ratio, entry: $0.entry, line: $0.line)
          }, written: written))
    }
  }

  var text: String {
    var lines: [String] = []
    var counts = (whole: 0, part: 0)
    var refused: [String: Int] = [:]
    for entry in found.entries {
      switch entry.outcome {
      case .whole: counts.whole += 1
      case .part: counts.part += 1
      case .refused(let refusal): refused[refusal.code.description, default: 0] += 1
      }
      guard listsEntries else { continue }
      let (name, reasons) = Self.words(entry.outcome)
      if !reasons.isEmpty {
        lines.append("line \(entry.line), \(entry.key): \(name): \(reasons.joined(separator: "; "))")
      }
    }
    lines += found.disagreements.map(\.description)
    let why = refused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
    lines.append(
      "\(found.entries.count) entries: \(counts.whole) whole, \(counts.part) in part, "
        + "\(refused.values.reduce(0, +)) not"
        + (why.isEmpty ? "" : " (\(why.joined(separator: ", ")))"))
    let differing = Set(found.disagreements.map(\.offer)).count
    lines.append(
      "\(found.additions.count) offers are new, \(found.identical.count) as the catalog has them, \(differing) otherwise "
        + "in \(found.disagreements.count) points")
    lines.append(
      written.isEmpty
        ? "nothing written"
        : "written: \(written.count) files, from \(written[0]) to \(written[written.count - 1])")
    return lines.joined(separator: "\n")
  }
}
