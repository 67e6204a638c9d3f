/// A thing that a provider counts and charges for.
///
/// Written as in the price files: `in`, `out`, `cache_read`, `cache_write`, `cache_write@12h`,
/// `web_search/1k`, `request`.
public struct Meter: Hashable, Sendable {
  /// The name in price files.
  public let key: String

  private init(known key: String) {
    self.key = key
  }

  /// Reads a name as price files state it; nil if no such meter is known.
  public init?(_ key: some StringProtocol) {
    let text = String(key)
    if let known = Self.fixed.first(where: { $0.key == text }) {
      self = known
      return
    }
    let prefix = "cache_write@"
    guard text.hasPrefix(prefix), text.hasSuffix("h"), text.utf8.count <= prefix.utf8.count + 4 else {
      return nil
    }
    guard let hours = Int(text.dropFirst(prefix.count).dropLast()), let meter = Self.cacheWrite(hours: hours)
    else { return nil }
    // One spelling only: not +1h, not 01h.
    guard meter.key == text else { return nil }
    self = meter
  }

  /// Fresh input tokens.
  public static let input = Meter(known: "in")
  /// Output tokens, reasoning included.
  public static let output = Meter(known: "out")
  /// Input tokens read from the prompt cache.
  public static let cacheRead = Meter(known: "cache_read")
  /// Input tokens written to the prompt cache at its standard lifetime.
  public static let cacheWrite = Meter(known: "cache_write")
  /// Web searches that the provider ran; listed in dollars per thousand.
  public static let webSearch = Meter(known: "web_search/1k")
  /// The request itself, charged once; listed in dollars each.
  public static let request = Meter(known: "request")

  /// Input tokens written to the prompt cache for `hours` hours, 1...999; nil outside that range.
  public static func cacheWrite(hours: Int) -> Meter? {
    (1...999).contains(hours) ? Meter(known: "cache_write@\(hours)h") : nil
  }

  /// Whether one unit is one token; fees are not.
  public var isToken: Bool { isInput || self == .output }

  /// Whether the units are input tokens, cached or not.
  public var isInput: Bool { self == .input || self == .cacheRead || key.hasPrefix(Self.cacheWrite.key) }

  private static let fixed: [Meter] = [.input, .output, .cacheRead, .cacheWrite, .webSearch, .request]
}

extension Meter: Comparable {
  /// The order in which bills list meters: as above, extended cache writes after the standard one.
  public static func < (a: Meter, b: Meter) -> Bool {
    (a.rank, a.key.utf8.count, a.key) < (b.rank, b.key.utf8.count, b.key)
  }

  private var rank: Int {
    switch self {
    case .input: 0
    case .output: 1
    case .cacheRead: 2
    case .webSearch: 4
    case .request: 5
    default: 3
    }
  }
}

extension Meter: CustomStringConvertible {
  /// The name in price files.
  public var description: String { key }
}
