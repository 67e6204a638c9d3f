internal import DrayageCore

/// Where figures come from, and what is not known.
extension CatalogCheck {
  /// The source and the date of `entry`; the date only while it `holds`, for what has ended is not checked
  /// again.
  mutating func lookAtOrigin<Value>(of entry: CatalogFile.Entry<Value>, in file: CatalogFile, holds: Bool) {
    if let source = entry.source {
      if file.sources[source] == nil {
        let advice = Spelling.advice(for: source, among: file.sources.keys.sorted())
        add(
          .error, file, entry,
          "no source is called \(InputError.quoted(source)); add it to 'sources'; \(advice)")
      }
    } else {
      add(.error, file, entry, "no source is stated; add 'source', a key of 'sources'")
    }
    guard holds else { return }
    guard let checked = entry.checked else {
      return add(.warning, file, entry, "it is not stated when this was checked; check it and add 'checked'")
    }
    let age = today.dayNumber - checked.dayNumber
    if age < 0 {
      add(.error, file, entry, "checked on \(checked.day), which is yet to come; correct 'checked'")
    } else if age > Self.freshDays {
      add(.warning, file, entry, "last checked on \(checked.day), \(age) days ago; check it again")
    }
  }

  /// Whether the second source of `entry` is another one than the first.
  mutating func lookAtConfirmation(of entry: CatalogFile.Entry<RateSheet>, in file: CatalogFile) {
    guard let confirmation = entry.confirmation else { return }
    if file.sources[confirmation.source] == nil {
      let advice = Spelling.advice(for: confirmation.source, among: file.sources.keys.sorted())
      add(
        .error, file, entry,
        "no source is called \(InputError.quoted(confirmation.source)); add it to 'sources'; \(advice)")
    } else if let source = entry.source, file.sources[source] == file.sources[confirmation.source] {
      add(.error, file, entry, "confirmed by the source that it is from; name another one")
    }
    if confirmation.checked > today {
      add(
        .error, file, entry,
        "confirmed on \(confirmation.checked.day), which is yet to come; correct 'confirmed'")
    }
  }

  mutating func lookAtUnknownPrices<Value>(of entry: CatalogFile.Entry<Value>, in file: CatalogFile) {
    for key in entry.unpriced {
      add(
        .warning, file, entry,
        "the price of '\(key)' is null: what needs it fails; find it, or remove the key")
    }
  }

  mutating func lookAtRetirement(of entry: CatalogFile.Entry<OfferBlock>, in file: CatalogFile) {
    guard let retires = entry.value.retires else { return }
    if let replacement = entry.value.replacement {
      lookAt(replacement, of: entry, retiring: retires, in: file)
    }
    let days = retires.dayNumber - today.dayNumber
    if retires <= today {
      add(.warning, file, entry, "\(entry.value.id) retired on \(retires.day); remove it")
    } else if days <= Self.retirementDays {
      let place = entry.value.replacement.map { " for \($0.id)" } ?? ""
      add(
        .warning, file, entry,
        "\(entry.value.id) retires on \(retires.day), in \(days) days; plan to leave it\(place)")
    }
  }

  private mutating func lookAt(
    _ replacement: OfferReplacement, of entry: CatalogFile.Entry<OfferBlock>, retiring retires: UTCInstant,
    in file: CatalogFile
  ) {
    if let other = file.blocks.first(where: { $0.value.id == replacement.id }) {
      if let end = other.value.retires, end <= retires {
        add(.error, file, entry, "\(replacement.id) retires by then itself; name what stays")
      }
    } else {
      let advice = Spelling.advice(for: replacement.id, among: file.blocks.map(\.value.id).sorted())
      add(
        .error, file, entry,
        "\(InputError.quoted(replacement.id)), which is to take its place, is no offer of the file; \(advice)"
      )
    }
    if file.sources[replacement.source] == nil {
      let advice = Spelling.advice(for: replacement.source, among: file.sources.keys.sorted())
      add(
        .error, file, entry,
        "no source is called \(InputError.quoted(replacement.source)); add it to 'sources'; \(advice)")
    }
    let age = today.dayNumber - replacement.checked.dayNumber
    if age < 0 {
      add(
        .error, file, entry,
        "what takes its place was checked on \(replacement.checked.day), which is yet to come; correct 'checked'"
      )
    } else if age > Self.freshDays {
      add(
        .warning, file, entry,
        "what takes its place was last checked on \(replacement.checked.day), \(age) days ago; check it again"
      )
    }
  }

  mutating func lookAtCapabilities(of entry: CatalogFile.Entry<OfferBlock>, in file: CatalogFile) {
    let known = Capability.known.map(\.rawValue).sorted()
    for capability in entry.value.capabilities.subtracting(Capability.known).sorted() {
      let advice = Spelling.advice(for: capability.rawValue, among: known)
      add(
        .warning, file, entry, "no capability \(InputError.quoted(capability.rawValue)) is known; \(advice)")
    }
  }
}
