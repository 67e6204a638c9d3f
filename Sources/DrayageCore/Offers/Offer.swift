/// One way to buy an answer: a model, from a provider, at one reasoning effort, on one service tier.
public struct Offer: Hashable, Sendable, Identifiable {
  /// The name, unique in a catalog.
  public let id: OfferID
  /// The name of the model that is sent to the provider.
  public let wireModel: String
  /// The model's canonical name, the same at every provider that sells it.
  public let model: String
  /// Other names under which the provider sells the same model.
  public var aliases: [String]
  /// The prices.
  public let tariff: Tariff
  /// The sizes that are accepted.
  public var limits: OfferLimits
  /// What the model can do.
  public var capabilities: Set<Capability>
  /// Whether the model's weights are public.
  public var openWeights: Bool
  /// What the provider does with the text of requests.
  public var dataPolicy: DataPolicy
  /// Where requests are sent; nil if the catalog does not say.
  public var endpoint: Endpoint?
  /// Names of the rate limits that it draws on, whatever the plan.
  public var quotas: [String]
  /// When the provider stops selling it, if that is known.
  public var retires: UTCInstant?
  /// The name of the provider's offer that takes its place then, without effort and service, as the provider says.
  public var replacement: String?
  /// The region that requests are bound to; nil if they are bound to none. It may move the price.
  public var region: String?
  /// The plan of the account with the provider; nil if not configured. It may move the price.
  public var plan: String?

  /// An offer of these parts.
  public init(
    id: OfferID, wireModel: String? = nil, model: String? = nil, aliases: [String] = [], tariff: Tariff,
    limits: OfferLimits = OfferLimits(), capabilities: Set<Capability> = [], openWeights: Bool = false,
    dataPolicy: DataPolicy = DataPolicy(), endpoint: Endpoint? = nil, quotas: [String] = [],
    retires: UTCInstant? = nil, replacement: String? = nil, region: String? = nil, plan: String? = nil
  ) {
    self.id = id
    self.wireModel = wireModel ?? id.name
    self.model = model ?? id.name
    self.aliases = aliases
    self.tariff = tariff
    self.limits = limits
    self.capabilities = capabilities
    self.openWeights = openWeights
    self.dataPolicy = dataPolicy
    self.endpoint = endpoint
    self.quotas = quotas
    self.retires = retires
    self.replacement = replacement
    self.region = region
    self.plan = plan
  }

  /// Who sells it.
  public var provider: String { id.provider }
  /// The reasoning effort; nil if it has no such setting.
  public var effort: String? { id.effort }
  /// The service tier: `standard`, `batch`, ...
  public var service: String { id.service }

  /// What its prices depend on besides usage and time.
  public var conditions: PriceConditions { PriceConditions(service: service, region: region, plan: plan) }

  /// Whether the provider still sells it at `instant`, as far as is known.
  public func isOnSale(at instant: UTCInstant) -> Bool { retires.map { instant < $0 } ?? true }

  /// How many days ahead a retirement is told.
  public static let retirementNoticeDays: Int64 = 30

  /// That its provider will soon stop to sell it, in words; nil unless it does so within
  /// ``retirementNoticeDays`` after `instant`.
  public func retirementNotice(at instant: UTCInstant) -> String? {
    guard let retires, instant < retires else { return nil }
    let days = retires.dayNumber - instant.dayNumber
    guard days <= Self.retirementNoticeDays else { return nil }
    let place = replacement.map { "; \(provider) names \($0) in its place" } ?? ""
    return "\(id) retires on \(retires.day), in \(days) days\(place)"
  }

  /// What `usage` costs when the request is made at `instant`; see ``Tariff/price(_:besides:free:at:under:)``.
  public func price(
    _ usage: TokenUsage, besides extras: [Meter: Int] = [:], free: [Meter: Int] = [:], at instant: UTCInstant
  ) throws(TariffError) -> Bill {
    try tariff.price(usage, besides: extras, free: free, at: instant, under: conditions)
  }

  /// The most that an attempt can be billed; see ``Tariff/ceiling(input:output:besides:at:under:)``.
  public func ceiling(
    input: Int, output: Int, besides fees: [Meter: Int] = [:], at instant: UTCInstant
  ) throws(TariffError) -> Money {
    try tariff.ceiling(input: input, output: output, besides: fees, at: instant, under: conditions)
  }
}
