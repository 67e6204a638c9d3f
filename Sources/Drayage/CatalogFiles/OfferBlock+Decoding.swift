internal import DrayageCore

extension JSONField {
  /// A block of offers of `provider`.
  func block(
    of provider: String, rulesets: [String: [RateRule]], sources: [String: String]
  ) throws(InputError) -> CatalogFile.Entry<OfferBlock> {
    var fields = try fields()
    let idField = try fields.require("id")
    let id = try idField.name()
    guard OfferID(provider: provider, name: id) != nil else {
      throw idField.fault(
        "the name of an offer holds no space, '#' or '@'; give the model's own name as 'wire'")
    }
    var sheets: [CatalogFile.Entry<RateSheet>] = []
    for field in try fields.require("rates").elements() {
      sheets.append(try field.sheet(rulesets: rulesets, sources: sources))
    }
    let status = try fields.take("status")?.status()
    let block = OfferBlock(
      id: id, wireModel: try fields.take("wire")?.name() ?? id, model: try fields.require("model").name(),
      aliases: try fields.take("aliases")?.names() ?? [],
      openWeights: try fields.take("open_weights")?.flag() ?? false,
      limits: try fields.take("limits")?.limits() ?? OfferLimits(),
      capabilities: try fields.take("caps")?.capabilities() ?? [],
      efforts: try fields.take("effort")?.efforts() ?? [],
      retires: status?.retires, replacement: status?.replacement,
      dataPolicy: try fields.take("data")?.dataPolicy() ?? DataPolicy(), sheets: sheets)
    // A block has no source of its own: its rate sheets have.
    try fields.end()
    return CatalogFile.Entry(
      value: block, line: node.line, key: path, source: nil, checked: nil, unpriced: [])
  }

  private func sheet(
    rulesets: [String: [RateRule]], sources: [String: String]
  ) throws(InputError) -> CatalogFile.Entry<RateSheet> {
    var fields = try fields()
    var base: [Meter: Rate] = [:]
    var unpriced: [String] = []
    for (key, field) in try fields.require("base").entries() {
      let meter = try field.meter(named: key)
      if field.isNull { unpriced.append(field.path) } else { base[meter] = try field.rate(of: meter) }
    }
    let from = try fields.take("from")?.instant()
    let until = try fields.take("until")?.instant()
    let planned = try fields.take("planned")?.instant()
    let rules = try fields.take("rules")?.rules(rulesets: rulesets) ?? []
    let confirmation = try fields.take("confirmed")?.confirmation()
    let entry = try entry((), &fields, unpriced: unpriced)
    let sheet = RateSheet(
      from: from, until: until, planned: planned, source: entry.source.map { sources[$0] ?? $0 },
      checked: entry.checked, base: base, rules: rules)
    return CatalogFile.Entry(
      value: sheet, line: entry.line, key: entry.key, source: entry.source, checked: entry.checked,
      unpriced: unpriced, confirmation: confirmation)
  }

  private func confirmation() throws(InputError) -> CatalogFile.Confirmation {
    var fields = try fields()
    let confirmation = CatalogFile.Confirmation(
      source: try fields.require("source").name(), checked: try fields.require("checked").instant())
    try fields.end()
    return confirmation
  }

  private func limits() throws(InputError) -> OfferLimits {
    var fields = try fields()
    let limits = OfferLimits(
      context: try fields.take("context")?.count(), input: try fields.take("input")?.count(),
      output: try fields.take("output")?.count(), cacheMinimum: try fields.take("cache_min")?.count(),
      concurrency: try fields.take("concurrency")?.count())
    try fields.end()
    return limits
  }

  private func capabilities() throws(InputError) -> Set<Capability> {
    var capabilities = Set(try names().map(Capability.init(rawValue:)))
    if capabilities.contains(.alwaysReasons) { capabilities.insert(.reasoning) }
    return capabilities
  }

  private func efforts() throws(InputError) -> [String] {
    let efforts = try names()
    for effort in efforts where OfferID(provider: "-", name: "-", effort: effort) == nil {
      throw fault("the name of an effort holds no space, '#' or '@'")
    }
    return efforts
  }

  private func status() throws(InputError) -> (retires: UTCInstant?, replacement: OfferReplacement?) {
    var fields = try fields()
    let retires = try fields.take("retires")?.instant()
    let replacement = try fields.take("replacement")?.replacement()
    try fields.end()
    guard retires != nil || replacement == nil else {
      throw fault("what is replaced retires; say when, in 'retires'")
    }
    return (retires, replacement)
  }

  private func replacement() throws(InputError) -> OfferReplacement {
    var fields = try fields()
    let replacement = OfferReplacement(
      id: try fields.require("offer").name(), source: try fields.require("source").name(),
      checked: try fields.require("checked").instant())
    try fields.end()
    return replacement
  }

  private func dataPolicy() throws(InputError) -> DataPolicy {
    var fields = try fields()
    let policy = DataPolicy(
      residency: try fields.take("residency")?.names() ?? [], training: try fields.take("training")?.flag())
    try fields.end()
    return policy
  }
}
