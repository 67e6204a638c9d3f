/// A limit on what may be spent on some attempts within a window of time.
///
/// Every budget that covers an attempt applies to it: its reservation is held against all of them or none.
public struct Budget: Hashable, Sendable {
  /// Which attempts a budget covers.
  public enum Scope: Hashable, Sendable {
    /// Every attempt.
    case all
    /// Those made for the holder of this key: a name for it, never the secret itself.
    case key(String)
    /// Those of this workload.
    case workload(String)
    /// Those that carry this tag.
    case tag(String)
    /// Those sent to this provider.
    case provider(String)
  }

  /// How long spending counts. An attempt counts in the window of the instant at which it was reserved, even
  /// if it is settled in a later one.
  public enum Window: Hashable, Sendable {
    /// For ever.
    case total
    /// From midnight to midnight in a time zone of the IANA database, such as `Europe/Vienna` or `UTC`.
    case day(zone: String)
    /// From the first of a month to the first of the next, in a time zone of the IANA database.
    case month(zone: String)
  }

  /// What the budget is called; unique in a ledger.
  public let name: String
  /// Which attempts it covers.
  public let scope: Scope
  /// How long spending counts.
  public let window: Window
  /// The most that may be spent in one window; zero or more.
  public let limit: Money

  /// A budget of `limit` per `window` for the attempts of `scope`.
  public init(name: String, scope: Scope = .all, window: Window = .total, limit: Money) {
    self.name = name
    self.scope = scope
    self.window = window
    self.limit = limit
  }

  /// Whether an attempt that is counted under `spending` is covered.
  public func covers(_ spending: Spending) -> Bool {
    switch scope {
    case .all: true
    case .key(let name): spending.key == name
    case .workload(let name): spending.workload == name
    case .tag(let name): spending.tags.contains(name)
    case .provider(let name): spending.provider == name
    }
  }
}
