internal import DrayageProfiles

extension ProfileEntry {
  /// What the profile says, in a few words, as of its youngest record; `nil` for a kind that is not known here.
  public var summary: String? {
    guard case .known(let payload) = content else { return nil }
    switch payload {
    case let latency as LatencyProfile:
      let first = Self.words(latency.firstToken, "s to the first token")
      return "\(first), \(Self.words(latency.speed, "tokens/s"))"
    case let lengths as LengthRecords:
      let cut = lengths.truncated.count > 0 ? ", \(lengths.truncated.count) of them cut off" : ""
      return "\(lengths.count) answers\(cut)"
    case let prior as LengthPrior:
      return "\(Self.rounded(prior.percentiles.quantile(0.5))) tokens (p50), worth \(prior.weight) answers"
    default: return nil
    }
  }

  private static func words(_ records: LatencyRecords, _ unit: String) -> String {
    let day = max(records.sketch.latest, records.published?.day ?? 0)
    guard let found = records.distribution(day: day).value else { return "unknown \(unit)" }
    return "\(rounded(found.quantile(0.5))) (p50) \(rounded(found.quantile(0.99))) (p99) \(unit)"
  }

  private static func rounded(_ value: Double) -> String {
    value >= 100 ? String(Int(value.rounded())) : String((value * 100).rounded() / 100)
  }
}
