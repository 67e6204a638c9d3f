internal import DrayageProfiles

/// What an entry of a profile file holds: one kind of profile.
///
/// A new kind is a type that conforms, added to ``ProfileFile/kinds``.
protocol ProfilePayload: Sendable {
  /// The name of the kind in files.
  static var kind: String { get }
  /// The keys that say what a profile is of.
  static var key: (required: [String], optional: [String]) { get }

  /// Reads the profile from the `data` of an entry.
  init(reading data: JSONField) throws(InputError)

  /// The profile as JSON text with its keys in order, that reads back the same.
  var json: String { get }

  /// How many records it holds, which must be the sum of its provenance; `nil` if it is not made of records.
  var recordCount: Int? { get }

  /// Adds what `other` holds.
  ///
  /// - Throws: ``ProfileMismatch`` if they cannot be merged; nothing is then added.
  mutating func merge(_ other: Self) throws(ProfileMismatch)
}

extension ProfilePayload {
  /// This and another profile of the same kind in one.
  func merged(with other: any ProfilePayload) throws(ProfileMismatch) -> any ProfilePayload {
    guard let other = other as? Self else {
      throw ProfileMismatch("profiles of two kinds do not merge")
    }
    var merged = self
    try merged.merge(other)
    return merged
  }
}
