public import DrayageProfiles

extension ProfileFile {
  /// The latency profile of an offer; `nil` if there is none.
  public func latency(offer: String) -> LatencyProfile? {
    entry(LatencyProfile.self, key: ["offer": offer])?.payload(as: LatencyProfile.self)
  }

  /// The length profiles of all entries, under one model weight.
  ///
  /// - Throws: ``ProfileMismatch`` if records have half-lives other than `halfLife`.
  public func lengths(
    modelWeight: Double = 1, halfLife: Double = LengthRecords.defaultHalfLife
  ) throws(ProfileMismatch) -> LengthProfiles {
    var profiles = LengthProfiles(modelWeight: modelWeight, halfLife: halfLife)
    for entry in entries {
      guard let name = entry.key["model"] else { continue }
      let model = LengthProfiles.Model(name, effort: entry.key["effort"])
      if let prior = entry.payload(as: LengthPrior.self) {
        // The name of no model stands for all.
        profiles.setPrior(prior, for: name == Self.everyModel ? nil : model)
      } else if let records = entry.payload(as: LengthRecords.self), let workload = entry.key["workload"] {
        try profiles.merge(records, model: model, workload: workload)
      }
    }
    return profiles
  }

  /// What a prior of all models names as its model.
  public static let everyModel = "*"

  /// What the bills of a model say about its token estimates; `nil` if there is nothing.
  public func tokenCorrection(model: String) -> TokenCorrection? {
    entry(TokenCorrection.self, key: ["model": model])?.payload(as: TokenCorrection.self)
  }

  /// Puts in the latency of an offer, in the place of what was there.
  ///
  /// - Throws: ``ProfileMismatch`` if the counts of the provenance do not sum to the profile's records.
  public mutating func put(
    _ profile: LatencyProfile, offer: String, provenance: [ProfileProvenance]
  ) throws(ProfileMismatch) {
    put(try ProfileEntry(key: ["offer": offer], provenance: provenance, profile))
  }

  /// Puts in the lengths of a model's answers for a workload, in the place of what was there.
  ///
  /// - Throws: ``ProfileMismatch`` if the counts of the provenance do not sum to the profile's records.
  public mutating func put(
    _ records: LengthRecords, model: LengthProfiles.Model, workload: String, provenance: [ProfileProvenance]
  ) throws(ProfileMismatch) {
    var key = Self.key(model)
    key["workload"] = workload
    put(try ProfileEntry(key: key, provenance: provenance, records))
  }

  /// Puts in the prior of a model (`nil` for all), in the place of what was there.
  ///
  /// - Throws: ``ProfileMismatch`` if a source of a prior claims records.
  public mutating func put(
    _ prior: LengthPrior, model: LengthProfiles.Model?, provenance: [ProfileProvenance]
  ) throws(ProfileMismatch) {
    let key = model.map(Self.key) ?? ["model": Self.everyModel]
    put(try ProfileEntry(key: key, provenance: provenance, prior))
  }

  /// Puts in what the bills of a model say about its token estimates, in the place of what was there.
  ///
  /// - Throws: ``ProfileMismatch`` if the counts of the provenance do not sum to the bills.
  public mutating func put(
    _ correction: TokenCorrection, model: String, provenance: [ProfileProvenance]
  ) throws(ProfileMismatch) {
    put(try ProfileEntry(key: ["model": model], provenance: provenance, correction))
  }

  private static func key(_ model: LengthProfiles.Model) -> [String: String] {
    var key = ["model": model.name]
    if let effort = model.effort { key["effort"] = effort }
    return key
  }

  private func entry<Payload: ProfilePayload>(_: Payload.Type, key: [String: String]) -> ProfileEntry? {
    let wanted = ProfileEntry(
      key: key, provenance: [], content: .unknown(UnknownPayload(kind: Payload.kind, json: "")))
    return entry(identity: wanted.identity)
  }
}
