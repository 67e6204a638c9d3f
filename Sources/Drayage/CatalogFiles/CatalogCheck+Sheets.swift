internal import DrayageCore

/// Rate sheets: their dates, their rates and their rules.
extension CatalogCheck {
  mutating func lookAtSheets(of block: CatalogFile.Entry<OfferBlock>, in file: CatalogFile) {
    do {
      _ = try file.tariff(of: block)
    } catch {
      add(.error, file, block, error.message)
      return
    }
    let sheets = block.value.sheets.sorted { $0.value.start < $1.value.start }
    for (earlier, later) in zip(sheets, sheets.dropFirst()) where earlier.value.end < later.value.start {
      add(
        .warning, file, later,
        "no prices are known between \(earlier.value.end) and \(later.value.start); add a sheet, or "
          + "correct 'until'"
      )
    }
    if let last = sheets.last, last.value.end <= today {
      add(
        .error, file, last, "the last prices ended at \(last.value.end); add a sheet for those now in force")
    }
    for sheet in sheets {
      guard let planned = sheet.value.planned, planned <= today else { continue }
      add(
        .warning, file, sheet,
        "planned prices were to be checked again on \(planned.day); do so, then move the date or "
          + "remove 'planned'"
      )
    }
  }

  mutating func lookAtRates(of entry: CatalogFile.Entry<RateSheet>, in file: CatalogFile) {
    let base = entry.value.base
    let unknown = [Meter.input, .output].filter { base[$0] == nil }
    if !unknown.isEmpty {
      add(
        .error, file, entry,
        "there is no price for \(unknown.map(\.key).joined(separator: " and ")): no request can be "
          + "charged; add it"
      )
    }
    guard let input = base[.input] else { return }
    if let read = base[.cacheRead], read > input {
      add(
        .warning, file, entry,
        "a cached read costs more than fresh input, \(read) against \(input); check both")
    }
    if let output = base[.output], output < input {
      add(.warning, file, entry, "output costs less than input, \(output) against \(input); check both")
    }
  }

  mutating func lookAtRules(of entry: CatalogFile.Entry<RateSheet>, in file: CatalogFile) {
    let rules = entry.value.rules
    for (first, second) in entry.value.hiddenRules {
      add(
        .error, file, entry,
        "the rule '\(rules[second])' never applies, for '\(rules[first])' comes first and matches "
          + "whenever it does; "
          + "remove one, or put the narrower first")
    }
    var reported: Set<Meter> = []
    for (position, rule) in rules.enumerated() {
      guard case .set(let rates) = rule.adjustment else { continue }
      for other in rules[..<position] where other.group != rule.group {
        guard case .set(let others) = other.adjustment else { continue }
        for meter in Set(rates.keys).intersection(others.keys).sorted() where reported.insert(meter).inserted
        {
          add(
            .error, file, entry,
            "'\(other)' and '\(rule)' both state a rate for \(meter), and which holds when both "
              + "apply is not known; "
              + "make one of them a 'mul'")
        }
      }
    }
  }
}
