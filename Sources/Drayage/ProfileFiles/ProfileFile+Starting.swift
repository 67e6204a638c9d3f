internal import CCatalog

extension ProfileFile {
  /// The profiles that the library brings along, to start from where nothing better is known: latencies of some
  /// offers, lengths, and the quality of some models. Every figure has its source and date.
  ///
  /// - Throws: never, unless the library was built from a file that is broken.
  public static var starting: ProfileFile {
    get throws(InputError) {
      let file = catalog_starting_profiles
      return try ProfileFile(
        reading: Array(UnsafeBufferPointer(start: file.bytes, count: file.length)),
        file: "bundled/" + String(cString: file.name))
    }
  }

  /// Adds the entries of `other` that pass `isWanted`, without touching what stands: where both have an entry
  /// that cannot be merged, the one that stands stays.
  public mutating func fill(from other: ProfileFile, where isWanted: (ProfileEntry) -> Bool) {
    for entry in other.entries where isWanted(entry) {
      guard let own = self.entry(identity: entry.identity) else {
        put(entry)
        continue
      }
      if let merged = try? own.merged(with: entry) { put(merged) }
    }
  }
}
