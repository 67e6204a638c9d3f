public import DrayageProfiles

extension ProfileFile {
  /// The quality of all entries, fitted anew; `nil` if there is none. Times are in seconds since the start of
  /// 1970, UTC, if that is what was put in.
  ///
  /// - Throws: ``ProfileMismatch`` if half-lives differ or there are more than
  ///   ``QualityProfile/mostCells`` pairs of an arm and a workload.
  public func quality() throws(ProfileMismatch) -> QualityProfile? {
    var seen: [QualityProfile.Seen] = []
    for entry in entries {
      guard let evidence = entry.payload(as: QualityEvidence.self), let model = entry.key["model"],
        let workload = entry.key["workload"]
      else { continue }
      seen.append((QualityArm(model: model, effort: entry.key["effort"]), workload, evidence))
    }
    if seen.isEmpty { return nil }
    do throws(QualityError) { return try QualityProfile(seen) } catch {
      throw ProfileMismatch(error.description)
    }
  }

  /// Puts in what a profile has seen, in the place of all quality that was there: an entry for every arm and
  /// workload with evidence. The correlation of queries goes into each, the shrinkage into none, for
  /// ``quality()`` fits it anew.
  ///
  /// - Parameters:
  ///   - profile: counts time in seconds since the start of 1970, UTC, if its file is to be merged with
  ///     others.
  ///   - provenance: of all of it; counts are of scores, and need not sum to anything.
  /// - Throws: ``ProfileMismatch`` if a name cannot be one or a number is beyond what a file takes; nothing
  ///   is then changed.
  public mutating func put(
    _ profile: QualityProfile, provenance: [ProfileProvenance]
  ) throws(ProfileMismatch) {
    let seen: [QualityProfile.Seen]
    do throws(QualityError) { seen = try profile.seen() } catch {
      throw ProfileMismatch(error.description)
    }
    var changed = self
    changed.removeAll(QualityEvidence.self)
    for (arm, workload, evidence) in seen {
      var key = ["model": arm.model, "workload": workload]
      if let effort = arm.effort { key["effort"] = effort }
      changed.put(try ProfileEntry(key: key, provenance: provenance, evidence))
    }
    guard changed.entries.count <= Self.mostEntries else {
      throw ProfileMismatch(
        "with \(seen.count) pairs of an arm and a workload the file has more than \(Self.mostEntries) "
          + "entries; use fewer workloads, or another file")
    }
    self = changed
  }
}
