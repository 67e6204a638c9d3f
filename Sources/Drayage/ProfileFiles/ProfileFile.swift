public import DrayageProfiles

/// A file of profiles: JSON, version 1.
///
///     {"format":"drayage-profiles","version":1,"profiles":[
///     {"data":{…},"key":{"offer":"openai/gpt-5#low"},"kind":"latency",
///      "provenance":[{"count":1204,"date":"2026-11-20","source":"journal of host-a"}]},
///     …
///     ]}
///
/// One entry per line, by kind and key; keys in alphabetical order; no spaces: the same profiles make the
/// same bytes, and reading them back makes the same profiles. What `data` holds is up to the kind. Kinds
/// that are not known here are kept and passed on. Two files merge into one, entry by entry.
public struct ProfileFile: Sendable {
  /// The version of the format.
  public static let version = 1
  /// The most entries of a file.
  public static let mostEntries = 100_000
  /// The most sources of an entry.
  static let mostSources = 1_000
  /// The kinds that are known.
  static let kinds: [any ProfilePayload.Type] = [
    LatencyProfile.self, LengthPrior.self, LengthRecords.self, QualityEvidence.self, TokenCorrection.self,
  ]

  private var byIdentity: [String: ProfileEntry] = [:]

  /// A file without entries.
  public init() {}

  /// The entries, by kind and key.
  public var entries: [ProfileEntry] {
    byIdentity.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
  }

  /// The text of the file, with a line feed at its end.
  public var text: String {
    let lines = entries.map(\.json).joined(separator: ",\n")
    return "{\"format\":\"\(Self.format)\",\"version\":\(Self.version),\"profiles\":[\n"
      + lines + (lines.isEmpty ? "" : "\n") + "]}\n"
  }

  static let format = "drayage-profiles"

  /// Puts an entry in, in the place of one of the same kind and key.
  public mutating func put(_ entry: ProfileEntry) { byIdentity[entry.identity] = entry }

  /// Removes the entries that hold a kind.
  mutating func removeAll<Payload: ProfilePayload>(_: Payload.Type) {
    byIdentity = byIdentity.filter { $0.value.payload(as: Payload.self) == nil }
  }

  func entry(identity: String) -> ProfileEntry? { byIdentity[identity] }

  /// Whether there is an entry of the kind and key of `entry`.
  func contains(_ entry: ProfileEntry) -> Bool { byIdentity[entry.identity] != nil }

  /// Adds the entries of `other`; those of the same kind and key are merged.
  ///
  /// - Throws: ``ProfileMismatch`` with the entry that cannot be merged; nothing is then added.
  public mutating func merge(_ other: ProfileFile) throws(ProfileMismatch) {
    var merged = self
    for (identity, entry) in other.byIdentity.sorted(by: { $0.key < $1.key }) {
      do throws(ProfileMismatch) {
        merged.byIdentity[identity] = try byIdentity[identity]?.merged(with: entry) ?? entry
      } catch {
        throw ProfileMismatch("\(entry.kind) of \(entry.name): \(error)")
      }
    }
    self = merged
  }
}

extension ProfileEntry {
  /// What it is of, for messages: `openai/gpt-5#low`, or `gpt-5, low, support`.
  var name: String {
    key.sorted { $0.key < $1.key }.map { InputError.quoted($0.value) }.joined(separator: ", ")
  }
}
