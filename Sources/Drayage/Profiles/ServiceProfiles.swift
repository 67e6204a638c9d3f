public import DrayageProfiles

/// What is known of the size of requests and answers and of how fast offers give them, whatever their quality.
public struct ServiceProfiles: Sendable {
  /// How long the answers of models are.
  public var lengths: LengthProfiles
  /// How fast offers answer, by the offer's name.
  public var latency: [String: LatencyProfile]
  /// What the bills of models say about estimates of input tokens, by the model's name.
  public var corrections: [String: TokenCorrection]

  /// Profiles of these parts; of nothing by default.
  public init(
    lengths: LengthProfiles = LengthProfiles(), latency: [String: LatencyProfile] = [:],
    corrections: [String: TokenCorrection] = [:]
  ) {
    self.lengths = lengths
    self.latency = latency
    self.corrections = corrections
  }

  /// The lengths, latencies and corrections of a file.
  ///
  /// - Throws: ``ProfileMismatch`` if lengths have different half-lives.
  public init(_ file: ProfileFile) throws(ProfileMismatch) {
    lengths = try file.lengths()
    latency = [:]
    corrections = [:]
    for entry in file.entries {
      if let offer = entry.key["offer"] { latency[offer] = file.latency(offer: offer) }
      if let model = entry.key["model"] { corrections[model] = file.tokenCorrection(model: model) }
    }
  }
}
