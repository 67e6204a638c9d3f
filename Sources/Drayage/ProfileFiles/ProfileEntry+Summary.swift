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
    case let quality as QualityEvidence:
      let mean = Double(Int((quality.scores.mean * 1000).rounded())) / 1000
      let weight = Self.rounded(quality.scores.weight)
      return "\(mean) (mean), worth \(weight) scores, \(Self.fading(quality.halfLife))"
    case let correction as TokenCorrection:
      let (mean, high) = (Self.rounded(correction.ratio), Self.rounded(correction.upperRatio()))
      let worst = correction.worstOverBound
      let above = worst > 1 ? ", up to \(Self.rounded(worst)) times the bound" : ""
      return "\(mean) (mean) \(high) (p99) billed tokens to one estimated\(above)"
    default: return nil
    }
  }

  private static func fading(_ halfLife: Double) -> String {
    if halfLife == .infinity { return "never fades" }
    return "half-life \(halfLife < 86_400 ? "\(rounded(halfLife)) s" : "\(rounded(halfLife / 86_400)) days")"
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
