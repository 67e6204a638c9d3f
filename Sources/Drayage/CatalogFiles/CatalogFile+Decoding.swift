internal import DrayageCore

extension CatalogFile {
  /// The name of the format that is read.
  static let format = "pricing/1"

  /// Reads a price file. Keys that are not known are refused; `note` is allowed anywhere.
  ///
  /// - Throws: ``InputError`` with the line and key of the first fault.
  public init(reading source: CatalogSource) throws(InputError) {
    let root = JSONField(
      node: try JSONNode.parse(source.bytes, file: source.name), file: source.name, path: "")
    var fields = try root.fields()
    for (key, expected) in [("format", Self.format), ("currency", "USD"), ("unit", "Mtok")] {
      let field = try fields.require(key)
      guard try field.text() == expected else { throw field.fault("only '\(expected)' is read") }
    }
    let providerField = try fields.require("provider")
    let provider = try providerField.name()
    guard OfferID(provider: provider, name: "-") != nil else {
      throw providerField.fault("the name of a provider holds no space, '/', '#' or '@'")
    }
    var sources: [String: String] = [:]
    for (key, field) in try fields.take("sources")?.entries() ?? [] { sources[key] = try field.text() }
    var rulesets: [String: [RateRule]] = [:]
    for (key, field) in try fields.take("rulesets")?.entries() ?? [] {
      // A ruleset names no other: the list is read where none is known yet.
      rulesets[key] = try field.rules(rulesets: [:])
    }
    name = source.name
    self.provider = provider
    self.sources = sources
    asOf = try fields.take("as_of")?.instant()
    endpoint = try fields.take("api")?.endpoint()
    quotas = try Self.list(fields.take("quota")) { (field) throws(InputError) in
      try field.quota(of: provider)
    }
    blocks = try Self.list(fields.take("offers")) { (field) throws(InputError) in
      try field.block(of: provider, rulesets: rulesets, sources: sources)
    }
    capacity = try Self.list(fields.take("capacity")) { (field) throws(InputError) in
      try field.capacity()
    }
    try fields.end()
  }

  private static func list<Value>(
    _ field: JSONField?, _ read: (JSONField) throws(InputError) -> Entry<Value>
  ) throws(InputError) -> [Entry<Value>] {
    var entries: [Entry<Value>] = []
    for element in try field?.elements() ?? [] { entries.append(try read(element)) }
    return entries
  }
}

extension JSONField {
  fileprivate func endpoint() throws(InputError) -> Endpoint {
    var fields = try fields()
    let endpoint = Endpoint(
      dialect: Endpoint.Dialect(rawValue: try fields.require("dialect").name()),
      baseURL: try fields.take("base_url")?.baseURL(),
      keyEnvironment: try fields.take("key")?.environmentVariable(),
      idempotencyHeader: try fields.take("idempotency_header")?.headerName())
    try fields.end()
    return endpoint
  }

  private func baseURL() throws(InputError) -> String {
    let text = try name()
    guard text.hasPrefix("https://") || text.hasPrefix("http://"), !text.hasSuffix("/"), !text.contains(" ")
    else {
      throw fault("an address such as https://api.example.com/v1 is expected, without a slash at its end")
    }
    return text
  }

  private func environmentVariable() throws(InputError) -> String {
    let text = try name()
    let allowed = text.utf8.allSatisfy {
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || $0 == UInt8(ascii: "_")
    }
    // Also keeps a key that was pasted here by mistake out of messages: the text is not repeated.
    guard allowed else {
      throw fault(
        "the name of an environment variable is expected, in capitals, digits and '_'; never a key itself")
    }
    return text
  }

  private func headerName() throws(InputError) -> String {
    let text = try name()
    let allowed = text.utf8.allSatisfy {
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
    }
    guard allowed else { throw fault("the name of a header is expected, such as Idempotency-Key") }
    return text
  }

  fileprivate func quota(of provider: String) throws(InputError) -> CatalogFile.Entry<Quota> {
    var fields = try fields()
    let plan = try fields.require("plan").name()
    var quota = Quota(provider: provider, plan: plan == "*" ? nil : plan)
    if let field = fields.take("per") {
      guard let scope = Quota.Scope(rawValue: try field.text()) else {
        throw field.fault("'model' or 'account' is expected")
      }
      quota.scope = scope
    }
    if let field = fields.take("itpm_excludes") {
      guard try field.text() == Meter.cacheRead.key else {
        throw field.fault("only '\(Meter.cacheRead)' is known")
      }
      quota.excludesCachedInput = true
    }
    quota.requestsPerMinute = try fields.take("rpm")?.count()
    quota.requestsPerDay = try fields.take("rpd")?.count()
    quota.inputTokensPerMinute = try fields.take("itpm")?.count()
    quota.outputTokensPerMinute = try fields.take("otpm")?.count()
    quota.tokensPerMinute = try fields.take("tpm")?.count()
    quota.tokensPerDay = try fields.take("tpd")?.count()
    quota.concurrency = try fields.take("concurrency")?.count()
    return try entry(quota, &fields)
  }

  fileprivate func capacity() throws(InputError) -> CatalogFile.Entry<ProvisionedCapacity> {
    var fields = try fields()
    let kind = try fields.require("kind")
    guard try kind.text() == "provisioned" else { throw kind.fault("only 'provisioned' capacity is read") }
    var prices: [ProvisionedCapacity.Price] = []
    var unpriced: [String] = []
    for field in try fields.require("price").elements() {
      let price = try field.capacityPrice()
      prices.append(price)
      if price.perUnit == nil { unpriced.append(field.path) }
    }
    let capacity = ProvisionedCapacity(
      id: try fields.require("id").name(), model: try fields.require("model").name(),
      unit: try fields.require("unit").name(), minimum: try fields.take("min")?.count() ?? 1,
      step: try fields.take("step")?.count() ?? 1,
      inputTokensPerMinute: try fields.take("input_tpm_per_unit")?.count(),
      outputWeight: try fields.take("output_weight")?.multiplier(),
      tokensPerSecondFloor: try fields.take("tps_floor")?.count(), prices: prices)
    return try entry(capacity, &fields, unpriced: unpriced)
  }

  private func capacityPrice() throws(InputError) -> ProvisionedCapacity.Price {
    var fields = try fields()
    let field = try fields.require("commit")
    guard let commitment = ProvisionedCapacity.Price.Commitment(rawValue: try field.text()) else {
      throw field.fault("'hour' or 'month' is expected")
    }
    let perUnit = try fields.take("usd_per_unit_\(commitment.rawValue)")?.money()
    try fields.end()
    return ProvisionedCapacity.Price(commitment: commitment, perUnit: perUnit)
  }

  /// `value` with the source and date that `fields` state, which must hold nothing else.
  func entry<Value>(
    _ value: Value, _ fields: inout JSONFields, unpriced: [String] = []
  ) throws(InputError) -> CatalogFile.Entry<Value> {
    let source = try fields.take("source")?.name()
    let checked = try fields.take("checked")?.instant()
    try fields.end()
    return CatalogFile.Entry(
      value: value, line: node.line, key: path, source: source, checked: checked, unpriced: unpriced)
  }
}
