/// What a price depends on besides usage and time.
public struct PriceConditions: Hashable, Sendable {
  /// The service tier, such as `standard`, `batch`, `flex` or `priority`.
  public var service: String
  /// The region the request is bound to, such as `eu`; nil if it is bound to none.
  public var region: String?
  /// The plan of the account; nil if prices do not depend on it.
  public var plan: String?

  /// Conditions; `standard` service in no particular region unless said otherwise.
  public init(service: String = PriceConditions.standardService, region: String? = nil, plan: String? = nil) {
    self.service = service
    self.region = region
    self.plan = plan
  }

  /// The name of the service tier that base rates are for.
  public static let standardService = "standard"
}
