public import DrayageCore
public import DrayageProfiles
internal import Foundation

/// What answers show of models and offers: how long they are, how fast they come, how good they are, and what is billed
/// for their input.
public struct Observations: Sendable {
  private struct Lengths: Hashable {
    let model: LengthProfiles.Model
    let workload: String
  }

  /// Workloads come from outside and must not fill the memory; a file takes 100,000 entries.
  private static let mostPlaces = 20_000

  private var lengths: [Lengths: LengthRecords] = [:]
  private var latency: [OfferID: LatencyProfile] = [:]
  private var corrections: [String: TokenCorrection] = [:]
  private var quality: QualityProfile?
  private var scores = 0

  /// Nothing yet.
  public init() {}

  /// Whether there is nothing.
  public var isEmpty: Bool {
    lengths.isEmpty && latency.isEmpty && corrections.isEmpty && quality == nil
  }

  /// Seconds within which so large a share of an offer's answers have come, 0 to 1; `nil` if there were none.
  package func seconds(of offer: OfferID, share: Double, at instant: UTCInstant) -> Double? {
    latency[offer]?.firstToken.distribution(day: Self.day(instant)).value?.quantile(share)
  }

  /// Takes the length of an answer.
  ///
  /// - Parameters:
  ///   - tokens: billed output tokens, reasoning included, within ``LengthRecords/tokens``.
  ///   - isTruncated: whether the limit on output cut it off.
  /// - Returns: `false` if the workload cannot be named in a file, there are too many workloads, or a number is out of its
  ///   range; nothing is then recorded.
  @discardableResult
  public mutating func record(
    outputTokens tokens: Int, isTruncated: Bool = false, of offer: Offer, workload: String,
    at instant: UTCInstant
  ) -> Bool {
    let key = Lengths(model: .init(offer.model, effort: offer.effort), workload: workload)
    let day = Self.day(instant)
    // Looked for once: most are known.
    if let known = lengths.index(forKey: key) {
      return lengths.values[known].record(tokens: tokens, truncated: isTruncated, day: day)
    }
    var records = LengthRecords()
    guard hasRoom(for: key), records.record(tokens: tokens, truncated: isTruncated, day: day) else {
      return false
    }
    lengths[key] = records
    return true
  }

  private func hasRoom(for key: Lengths) -> Bool {
    let names = [key.workload, key.model.name, key.model.effort ?? "-"]
    return lengths.count < Self.mostPlaces && names.allSatisfy(JSONField.isName)
  }

  /// Takes the time of an answer.
  ///
  /// All tokens of an answer that was not streamed come at once: its time to the first token is that to the last. Do not
  /// mix both at one offer.
  ///
  /// - Parameters:
  ///   - seconds: from sending to the end, 0 or more.
  ///   - firstToken: seconds from sending to the first token, 0 to `seconds`; `nil` if the answer was not streamed.
  ///   - tokens: billed output tokens, reasoning included.
  /// - Returns: `false` if a number is out of its range; nothing is then recorded.
  @discardableResult
  public mutating func record(
    seconds: Double, firstToken: Double? = nil, tokens: Int, of offer: Offer, at instant: UTCInstant
  ) -> Bool {
    guard seconds >= 0, firstToken ?? 0 >= 0 else { return false }
    let least = 1e-6
    func add(to profile: inout LatencyProfile) -> Bool {
      profile.record(
        firstToken: max(firstToken ?? seconds, least), total: max(seconds, least), tokens: max(tokens, 1),
        day: Self.day(instant))
    }
    if let known = latency.index(forKey: offer.id) { return add(to: &latency.values[known]) }
    var profile = LatencyProfile()
    guard JSONField.isName(offer.id.description), add(to: &profile) else { return false }
    latency[offer.id] = profile
    return true
  }

  /// Takes what was billed for an input.
  ///
  /// - Parameters:
  ///   - tokens: all input tokens, cached or not.
  ///   - estimate: of the model's own family of tokenizers, before any correction.
  public mutating func record(inputTokens tokens: Int, estimate: TokenEstimate, of offer: Offer) {
    if let known = corrections.index(forKey: offer.model) {
      return corrections.values[known].observe(billed: tokens, estimate: estimate)
    }
    guard JSONField.isName(offer.model) else { return }
    var correction = TokenCorrection()
    correction.observe(billed: tokens, estimate: estimate)
    corrections[offer.model] = correction
  }

  /// Takes the score of an answer.
  ///
  /// - Parameters:
  ///   - score: 0 to 1.
  ///   - arm: the model, as the profile of its quality names it.
  /// - Returns: `false` if a name cannot stand in a file, there are too many, or the score is out of its range; nothing is
  ///   then recorded.
  @discardableResult
  public mutating func record(
    score: Double, of arm: QualityArm, workload: String, at instant: UTCInstant
  ) -> Bool {
    guard var quality = try? self.quality ?? QualityProfile(), hasRoom(quality, arm, workload) else {
      return false
    }
    // One owner, so that it grows in place.
    self.quality = nil
    let time = Double(instant.secondsSince1970)
    let isTaken = (try? quality.observe(score, arm: arm, workload: workload, at: time)) != nil
    if isTaken { scores += 1 }
    self.quality = scores > 0 ? quality : nil
    return isTaken
  }

  private func hasRoom(_ quality: QualityProfile, _ arm: QualityArm, _ workload: String) -> Bool {
    let newArms = quality.position(of: arm) == nil ? 1 : 0
    let newWorkloads = quality.position(ofWorkload: workload) == nil ? 1 : 0
    if newArms + newWorkloads == 0 { return true }
    let names = [workload, arm.model, arm.effort ?? "-"]
    return names.allSatisfy(JSONField.isName)
      && (quality.arms.count + newArms) * (quality.workloads.count + newWorkloads) <= Self.mostPlaces
  }

  private static func day(_ instant: UTCInstant) -> Double { Double(instant.secondsSince1970) / 86_400 }

  /// Adds what was observed to the profile file at `path`, which may not exist yet.
  ///
  /// - Parameter source: who observed, and when: a name that no other observation has.
  /// - Throws: ``InputError`` if the file is no profile file or cannot be written, ``ProfileMismatch`` if it
  ///   cannot take the observations.
  public func add(to path: String, source: String, at instant: UTCInstant = .now) throws {
    var file = try Self.existing(path)
    try file.merge(try self.file(source: source, at: instant))
    try file.write(to: path)
  }

  /// Checks that observations can be added to the file at `path`.
  ///
  /// - Throws: ``InputError`` if it is no profile file or cannot be written.
  public static func check(_ path: String) throws(InputError) {
    _ = try existing(path)
    _ = try AtomicFile(path)
  }

  private static func existing(_ path: String) throws(InputError) -> ProfileFile {
    FileManager.default.fileExists(atPath: path) ? try ProfileFile(contentsOf: path) : ProfileFile()
  }

  /// The observations as a profile file.
  ///
  /// - Parameter source: who observed, and when: a name that no other observation has.
  /// - Throws: ``ProfileMismatch`` if the source cannot be one.
  public func file(source: String, at instant: UTCInstant = .now) throws(ProfileMismatch) -> ProfileFile {
    func provenance(_ count: Int) throws(ProfileMismatch) -> [ProfileProvenance] {
      let date = String(instant.description.prefix(10))
      return count == 0 ? [] : [try ProfileProvenance(source: source, date: date, count: count)]
    }
    var file = ProfileFile()
    for (key, records) in lengths where records.count > 0 {
      try file.put(
        records, model: key.model, workload: key.workload, provenance: try provenance(records.count))
    }
    for (offer, profile) in latency where profile.count > 0 {
      try file.put(profile, offer: offer.description, provenance: try provenance(profile.count))
    }
    for (model, correction) in corrections where correction.count > 0 {
      try file.put(correction, model: model, provenance: try provenance(correction.count))
    }
    if let quality {
      try file.put(quality, provenance: try provenance(scores))
    }
    return file
  }
}
