internal import DrayageProfiles

/// One profile of a file, with what it is of and where it comes from.
public struct ProfileEntry: Sendable {
  /// What it holds.
  enum Content: Sendable {
    case known(any ProfilePayload)
    case unknown(UnknownPayload)
  }

  /// What the profile is of, such as `offer` or `model`, `effort` and `workload`.
  public let key: [String: String]
  /// Where its figures come from, by source, date and count. No two are alike.
  public let provenance: [ProfileProvenance]
  let content: Content

  /// The kind of profile, such as `latency`.
  public var kind: String {
    switch content {
    case .known(let payload): type(of: payload).kind
    case .unknown(let payload): payload.kind
    }
  }

  init(key: [String: String], provenance: [ProfileProvenance], content: Content) {
    self.key = key
    self.provenance = provenance.sorted {
      ($0.source, $0.date, $0.count) < ($1.source, $1.date, $1.count)
    }
    self.content = content
  }

  /// An entry of a profile.
  ///
  /// - Throws: ``ProfileMismatch`` if a name of the key cannot be one, there is no provenance, one of it
  ///   twice or more than a file takes, or its counts do not sum to the profile's records.
  init(
    key: [String: String], provenance: [ProfileProvenance], _ payload: some ProfilePayload
  ) throws(ProfileMismatch) {
    for name in key.values where !JSONField.isName(name) {
      throw ProfileMismatch(
        "\(InputError.quoted(name)) is no name; names have 1 to 200 bytes, none of them control")
    }
    guard !provenance.isEmpty else {
      throw ProfileMismatch("a source is needed; say where the figures come from")
    }
    guard Set(provenance).count == provenance.count else {
      throw ProfileMismatch("a source is there twice with the same date and count; remove one")
    }
    try Self.checkLimits(sources: provenance.count, records: payload.recordCount)
    let sum = provenance.reduce(0) { $0 + $1.count }
    if let count = payload.recordCount, count != sum {
      throw ProfileMismatch(
        "the profile has \(count) records and its provenance \(sum); record where all come from")
    }
    self.init(key: key, provenance: provenance, content: .known(payload))
  }

  /// - Throws: ``ProfileMismatch`` if there are more sources or records than can be read back.
  private static func checkLimits(sources: Int, records: Int?) throws(ProfileMismatch) {
    guard sources <= ProfileFile.mostSources else {
      throw ProfileMismatch(
        "\(sources) sources are more than the \(ProfileFile.mostSources) of an entry; sum the older ones up")
    }
    guard records ?? 0 <= JSONField.mostCount else {
      throw ProfileMismatch("\(records ?? 0) records are more than a million million; record anew")
    }
  }

  /// The profile of a kind; `nil` if this is of another.
  func payload<Payload: ProfilePayload>(as type: Payload.Type) -> Payload? {
    guard case .known(let payload) = content else { return nil }
    return payload as? Payload
  }

  /// What orders entries and tells them apart: kind, then key, as JSON text.
  var identity: String { JSONText.quoted(kind) + keyText }

  private var keyText: String {
    "{"
      + key.sorted { $0.key < $1.key }.map { JSONText.quoted($0.key) + ":" + JSONText.quoted($0.value) }
      .joined(separator: ",") + "}"
  }

  private var data: String {
    switch content {
    case .known(let payload): payload.json
    case .unknown(let payload): payload.json
    }
  }

  /// The entry as JSON text on one line, keys in order.
  var json: String {
    JSONText.object([
      "data": data, "key": keyText, "kind": JSONText.quoted(kind),
      "provenance": JSONText.array(provenance.map(\.json)),
    ])
  }

  /// This entry and another of the same kind and key in one; the same entry twice stays once.
  ///
  /// - Throws: ``ProfileMismatch`` if both have records of one source, the kind is not known here, or the sum
  ///   is more than a file takes.
  func merged(with other: ProfileEntry) throws(ProfileMismatch) -> ProfileEntry {
    if json == other.json { return self }
    guard case .known(let mine) = content, case .known(let theirs) = other.content else {
      throw ProfileMismatch(
        "the kind \(InputError.quoted(kind)) is not known here and cannot be merged; leave one out")
    }
    let theirSources = Set(other.provenance.filter { $0.count > 0 }.map(\.source))
    if let both = provenance.first(where: { $0.count > 0 && theirSources.contains($0.source) }) {
      throw ProfileMismatch(
        "both have records of \(InputError.quoted(both.source)), which may count twice; leave one out, or "
          + "give the source a name for each period")
    }
    let more = other.provenance.filter { !provenance.contains($0) }
    let merged = try mine.merged(with: theirs)
    try Self.checkLimits(sources: provenance.count + more.count, records: merged.recordCount)
    return ProfileEntry(key: key, provenance: provenance + more, content: .known(merged))
  }
}
