/// Something that an imported list says otherwise than the catalog.
public struct ImportDisagreement: Hashable, Sendable {
  /// What it is about.
  public enum Kind: Hashable, Sendable {
    /// A price, under some conditions.
    case price
    /// The size of a request.
    case limit
    /// Anything else: a service, a capability, a date.
    case fact
  }

  /// The offer, as `provider/name`.
  public let offer: String
  /// What it is about.
  public let kind: Kind
  /// The meter with the conditions, or the fact, such as `out, batch, input over 272000`.
  public let subject: String
  /// What the catalog says; nil if it is silent.
  public let ours: String?
  /// What the list says.
  public let theirs: String
  /// Theirs divided by ours, for display; nil if they are no numbers, or one is missing or zero.
  public let ratio: Double?
  /// The entry's name in the list, as ``ImportedEntry/key``.
  public let entry: String
  /// The line of the list on which it begins, 1 or more.
  public let line: Int

  /// How far apart the two are, 1 or more; the order of reports is from the largest.
  var size: Double { ratio.map { max($0, 1 / $0) } ?? 1 }
}

extension ImportDisagreement: CustomStringConvertible {
  /// One line, such as `openai/gpt-4.1: out: ours $8/M, theirs $9/M, 1.13 times`.
  public var description: String {
    var text = "\(offer): \(subject): ours \(ours ?? "not stated"), theirs \(theirs)"
    if let ratio {
      let hundredths = (ratio * 100).rounded() / 100
      text += ", \(ratio >= 0.01 ? "\(hundredths)" : "\(ratio)") times"
    }
    return text
  }
}
