/// The name of an offer: `provider/name`, then `#effort` if it has one, then `@service` unless that is the
/// standard one.
///
/// As `openai/gpt-6-luna#low@batch`. The name may contain further slashes.
public struct OfferID: Hashable, Comparable, Sendable {
  /// In a place of their own: names are copied much more often than they are made.
  private final class Parts: Sendable {
    let provider: String
    let name: String
    let effort: String?
    let service: String
    let description: String
    /// Of the description, which is asked for more often than names are made.
    let digest: Int

    init(provider: String, name: String, effort: String?, service: String) {
      self.provider = provider
      self.name = name
      self.effort = effort
      self.service = service
      description =
        "\(provider)/\(name)" + (effort.map { "#\($0)" } ?? "")
        + (service == PriceConditions.standardService ? "" : "@\(service)")
      digest = description.hashValue
    }
  }

  private let parts: Parts

  /// The provider: what stands before the first slash.
  public var provider: String { parts.provider }
  /// The provider's name of the offer.
  public var name: String { parts.name }
  /// The reasoning effort; nil if the offer has no such setting.
  public var effort: String? { parts.effort }
  /// The service tier.
  public var service: String { parts.service }
  /// The whole name.
  public var description: String { parts.description }

  /// The name of these parts; nil if one is empty, over 200 bytes, or holds a space, a control character, `#`
  /// or `@`, or the provider holds a slash.
  public init?(
    provider: String, name: String, effort: String? = nil, service: String = PriceConditions.standardService
  ) {
    for part in [provider, name, effort ?? "-", service] {
      guard (1...200).contains(part.utf8.count) else { return nil }
      guard part.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }), !part.contains("#"), !part.contains("@")
      else { return nil }
    }
    guard !provider.contains("/") else { return nil }
    parts = Parts(provider: provider, name: name, effort: effort, service: service)
  }

  /// Whether the whole names are the same: the parts follow from them.
  public static func == (a: OfferID, b: OfferID) -> Bool {
    a.parts === b.parts || a.description == b.description
  }

  /// Hashes the whole name.
  public func hash(into hasher: inout Hasher) { hasher.combine(parts.digest) }

  /// The order of the whole names.
  public static func < (a: OfferID, b: OfferID) -> Bool { a.description < b.description }
}

extension OfferID: LosslessStringConvertible {
  /// Reads a whole name; nil if it is not one.
  public init?(_ description: String) {
    guard let slash = description.firstIndex(of: "/") else { return nil }
    let provider = description[..<slash]
    var rest = description[description.index(after: slash)...]
    var service = Substring(PriceConditions.standardService)
    if let at = rest.lastIndex(of: "@") {
      service = rest[rest.index(after: at)...]
      // The standard service is never written, so that an offer has one name.
      guard service != PriceConditions.standardService else { return nil }
      rest = rest[..<at]
    }
    var effort: Substring?
    if let hash = rest.lastIndex(of: "#") {
      effort = rest[rest.index(after: hash)...]
      rest = rest[..<hash]
    }
    self.init(
      provider: String(provider), name: String(rest), effort: effort.map(String.init),
      service: String(service))
  }
}
