internal import DrayageCore

/// Holds a block of an imported list against the offers that the catalog has of it.
struct ImportComparison {
  let known: ImportIndex.Known
  let draft: OfferDraft
  let block: OfferBlock
  /// The prices of `block`.
  let tariff: Tariff
  let checked: UTCInstant
  /// The entry's keys and line.
  let entry: (key: String, line: Int)

  /// What the list says otherwise, or what the catalog does not say; what the list is silent about is none.
  var disagreements: [ImportDisagreement] { prices + limits + facts }

  func disagreement(
    _ kind: ImportDisagreement.Kind, _ subject: String, ours: String?, theirs: String, ratio: Double? = nil
  ) -> ImportDisagreement {
    ImportDisagreement(
      offer: known.path, kind: kind, subject: subject, ours: ours, theirs: theirs, ratio: ratio,
      entry: entry.key, line: entry.line)
  }

  private var limits: [ImportDisagreement] {
    let ours = known.offers[0].limits
    // Lists do not tell the largest input from the largest total; the catalog may know both.
    let sizes: [(String, Int?, [Int?])] = [
      ("context", draft.limits.context, [ours.context, ours.input]),
      ("input", draft.limits.input, [ours.input, ours.context]),
      ("output", draft.limits.output, [ours.output]),
      ("cache_min", draft.limits.cacheMinimum, [ours.cacheMinimum]),
    ]
    return sizes.compactMap { name, theirs, ours in
      guard let theirs, !ours.contains(theirs) else { return nil }
      let our = ours.compactMap(\.self).first
      return disagreement(
        .limit, name, ours: our.map(String.init), theirs: String(theirs),
        ratio: our.map { Double(theirs) / Double($0) })
    }
  }

  private var facts: [ImportDisagreement] {
    let ours = known.offers[0]
    var found: [ImportDisagreement] = []
    if let retires = draft.retires, retires != ours.retires {
      found.append(disagreement(.fact, "retires", ours: ours.retires?.day, theirs: retires.day))
    }
    for capability in draft.capabilities.subtracting(ours.capabilities).sorted() {
      found.append(disagreement(.fact, "\(capability)", ours: "no", theirs: "yes"))
    }
    for capability in draft.lacking.intersection(ours.capabilities).subtracting(draft.capabilities).sorted() {
      found.append(disagreement(.fact, "\(capability)", ours: "yes", theirs: "no"))
    }
    if !draft.efforts.isEmpty, Set(draft.efforts) != Set(known.efforts) {
      let ours = known.efforts.isEmpty ? nil : known.efforts.joined(separator: " ")
      found.append(disagreement(.fact, "effort", ours: ours, theirs: draft.efforts.joined(separator: " ")))
    }
    return found
  }
}
