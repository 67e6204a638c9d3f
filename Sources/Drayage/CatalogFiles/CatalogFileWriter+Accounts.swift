internal import DrayageCore

/// What belongs to an account: rate limits and capacity bought by the hour.
extension CatalogFileWriter {
  static func row(_ entry: CatalogFile.Entry<Quota>) -> String {
    let quota = entry.value
    let perAccount = quota.scope == Quota(provider: "-", plan: nil).scope ? nil : quoted(quota.scope.rawValue)
    return object([
      ("plan", quoted(quota.plan ?? "*")), ("per", perAccount),
      ("rpm", quota.requestsPerMinute.map(String.init)), ("rpd", quota.requestsPerDay.map(String.init)),
      ("itpm", quota.inputTokensPerMinute.map(String.init)),
      ("otpm", quota.outputTokensPerMinute.map(String.init)), ("tpm", quota.tokensPerMinute.map(String.init)),
      ("tpd", quota.tokensPerDay.map(String.init)), ("concurrency", quota.concurrency.map(String.init)),
      ("itpm_excludes", quota.excludesCachedInput ? quoted(Meter.cacheRead.key) : nil),
      ("source", entry.source.map(quoted)), ("checked", entry.checked.map { quoted(time($0)) }),
    ])
  }

  static func row(_ entry: CatalogFile.Entry<ProvisionedCapacity>) -> String {
    let capacity = entry.value
    let prices = capacity.prices.map { price in
      object([
        ("commit", quoted(price.commitment.rawValue)),
        ("usd_per_unit_\(price.commitment.rawValue)", price.perUnit.map { quoted($0.decimal) } ?? "null"),
      ])
    }
    return object([
      ("id", quoted(capacity.id)), ("model", quoted(capacity.model)), ("kind", quoted("provisioned")),
      ("unit", quoted(capacity.unit)), ("min", String(capacity.minimum)), ("step", String(capacity.step)),
      ("input_tpm_per_unit", capacity.inputTokensPerMinute.map(String.init)),
      ("output_weight", capacity.outputWeight.map { quoted(ExactDecimal.text($0)) }),
      ("tps_floor", capacity.tokensPerSecondFloor.map(String.init)),
      ("price", "[\(prices.joined(separator: ", "))]"), ("source", entry.source.map(quoted)),
      ("checked", entry.checked.map { quoted(time($0)) }),
    ])
  }
}
