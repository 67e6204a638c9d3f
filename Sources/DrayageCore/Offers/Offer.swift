/// One way to buy an answer: a model, from a provider, at one reasoning effort, on one service tier.
public struct Offer: Hashable, Sendable, Identifiable {
  private struct Parts: Hashable, Sendable {
    let id: OfferID
    let wireModel: String
    let model: String
    var aliases: [String]
    let tariff: Tariff
    var limits: OfferLimits
    var capabilities: Set<Capability>
    var openWeights: Bool
    var dataPolicy: DataPolicy
    var endpoint: Endpoint?
    var quotas: [String]
    var retires: UTCInstant?
    var replacement: String?
    var region: String?
    var plan: String?
  }

  private var parts: Boxed<Parts>

  /// The name, unique in a catalog.
  public var id: OfferID { parts.value.id }
  /// The name of the model that is sent to the provider.
  public var wireModel: String { parts.value.wireModel }
  /// The model's canonical name, the same at every provider that sells it.
  public var model: String { parts.value.model }
  /// Other names under which the provider sells the same model.
  public var aliases: [String] {
    get { parts.value.aliases }
    set { parts.value.aliases = newValue }
  }
  /// The prices.
  public var tariff: Tariff { parts.value.tariff }
  /// The sizes that are accepted.
  public var limits: OfferLimits {
    get { parts.value.limits }
    set { parts.value.limits = newValue }
  }
  /// What the model can do.
  public var capabilities: Set<Capability> {
    get { parts.value.capabilities }
    set { parts.value.capabilities = newValue }
  }
  /// Whether the model's weights are public.
  public var openWeights: Bool {
    get { parts.value.openWeights }
    set { parts.value.openWeights = newValue }
  }
  /// What the provider does with the text of requests.
  public var dataPolicy: DataPolicy {
    get { parts.value.dataPolicy }
    set { parts.value.dataPolicy = newValue }
  }
  /// Where requests are sent; nil if the catalog does not say.
  public var endpoint: Endpoint? {
    get { parts.value.endpoint }
    set { parts.value.endpoint = newValue }
  }
  /// Names of the rate limits that it draws on, whatever the plan.
  public var quotas: [String] {
    get { parts.value.quotas }
    set { parts.value.quotas = newValue }
  }
  /// When the provider stops selling it, if that is known.
  public var retires: UTCInstant? {
    get { parts.value.retires }
    set { parts.value.retires = newValue }
  }
  /// The name of the provider's offer that takes its place then, without effort and service, as the provider says.
  public var replacement: String? {
    get { parts.value.replacement }
    set { parts.value.replacement = newValue }
  }
  /// The region that requests are bound to; nil if they are bound to none. It may move the price.
  public var region: String? {
    get { parts.value.region }
    set { parts.value.region = newValue }
  }
  /// The plan of the account with the provider; nil if not configured. It may move the price.
  public var plan: String? {
    get { parts.value.plan }
    set { parts.value.plan = newValue }
  }

  /// An offer of these parts.
  public init(
    id: OfferID, wireModel: String? = nil, model: String? = nil, aliases: [String] = [], tariff: Tariff,
    limits: OfferLimits = OfferLimits(), capabilities: Set<Capability> = [], openWeights: Bool = false,
    dataPolicy: DataPolicy = DataPolicy(), endpoint: Endpoint? = nil, quotas: [String] = [],
    retires: UTCInstant? = nil, replacement: String? = nil, region: String? = nil, plan: String? = nil
  ) {
    parts = Boxed(
      Parts(
        id: id, wireModel: wireModel ?? id.name, model: model ?? id.name, aliases: aliases, tariff: tariff,
        limits: limits, capabilities: capabilities, openWeights: openWeights, dataPolicy: dataPolicy,
        endpoint: endpoint, quotas: quotas, retires: retires, replacement: replacement, region: region,
        plan: plan
      ))
  }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }

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
