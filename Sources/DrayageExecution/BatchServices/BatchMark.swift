import DrayageCore

/// The name of a job before it has one: of a run and a part of it, say.
///
/// It goes out with the job, so that a submission whose answer was lost can be found again: whole in OpenAI's
/// metadata, and as a digest before the id of every item, which is all that Anthropic has room for.
package struct BatchMark: Hashable, Sendable, CustomStringConvertible {
  /// The name.
  package let description: String

  /// A mark called `name`; nil if it is empty, over 200 bytes, or holds anything but printable ASCII.
  package init?(_ name: String) {
    guard (1...200).contains(name.utf8.count), name.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
      return nil
    }
    description = name
  }

  /// How many bytes stand before the id of an item.
  static let prefixBytes = 17

  /// What stands before the id of every item on the wire: 16 hexadecimal digits and a hyphen.
  ///
  /// FNV-1a over 64 bits, finished by the mixer of SplitMix64 (Steele, Lea, Flood 2014). Marks are the caller's own,
  /// so it need only keep them apart by chance: among a million jobs in one account, any two share a digest with
  /// probability 3 in 10⁸.
  var prefix: String {
    var z = description.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    let digits = String(z, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits + "-"
  }

  /// What an item is called on the wire.
  func wireID(_ id: String) -> String { prefix + id }

  /// The item that is called `wireID` on the wire; nil if that is none of this job's.
  func id(_ wireID: String) -> String? {
    wireID.hasPrefix(prefix) ? String(wireID.dropFirst(Self.prefixBytes)) : nil
  }
}

/// What a search for a job brought.
package enum BatchSearch: Hashable, Sendable {
  /// It is there: one job, or several if the same submission was taken more than once, oldest first. All but one
  /// are then to be cancelled.
  case found([BatchJobID])
  /// It is not there, and can be submitted again.
  case none
  /// It cannot be told.
  ///
  /// - Parameters:
  ///   - reason: why not, and what to do.
  ///   - candidates: jobs that may be it; none of them is known to be another one.
  case unknown(reason: String, candidates: [BatchJobID])

  /// How long after its submission began a job may still appear, in seconds: the longest submission takes some 28 minutes
  /// (`BatchWire`), what was sent may be on its way, and lists may lag. A choice, not a promise of any provider.
  package static let doubt: Int64 = 2_400

  /// What it means that nothing was found.
  static func notFound(sentAt: UTCInstant, now: UTCInstant) -> BatchSearch {
    let passed = now.secondsSince1970 - sentAt.secondsSince1970
    guard passed < doubt else { return .none }
    return .unknown(
      reason: "no job bears its mark yet; what was sent may still be on its way: look again in "
        + "\(doubt - max(0, passed)) s", candidates: [])
  }
}
