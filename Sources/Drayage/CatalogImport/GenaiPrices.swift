internal import DrayageCore

/// One set of prices of genai-prices: a number for each key, or a base with tiers.
struct GenaiPrices {
  private(set) var base: [Meter: Rate] = [:]
  private(set) var tiers: [Int: [Meter: Rate]] = [:]

  init(_ prices: ImportObject, _ draft: inout OfferDraft) throws(ImportRefusal) {
    for key in prices.keys {
      guard let field = prices[key] else { continue }
      guard let (meter, unit) = Self.meters[key] else {
        if key == "output_reasoning_mtok" { try refuseDearReasoning(field, in: prices) }
        draft.remark(key, "there is no such meter")
        continue
      }
      guard field.node.isObject else {
        if meter == .input || meter == .output {
          try take(field.importedRate(unit), meter, key, &draft)
        } else {
          let rate = draft.optional(key) { () throws(ImportRefusal) in try field.importedRate(unit) }
          if let rate { try take(rate, meter, key, &draft) }
        }
        continue
      }
      let tiered = try ImportObject(entry: field)
      guard let rate = try tiered.rate("base", unit) else {
        throw ImportRefusal(.malformed, "'\(field.path)' has no 'base'")
      }
      try take(rate, meter, key, &draft)
      for element in try tiered.elements("tiers") {
        let tier = try ImportObject(entry: element)
        guard let size = try tier.tokens("start"), let rate = try tier.rate("price", unit), rate > .free
        else {
          throw ImportRefusal(.inexpressible, "'\(element.path)' lacks a start or a price")
        }
        tiers[size, default: [:]][meter] = rate
      }
    }
  }

  private mutating func take(
    _ rate: Rate, _ meter: Meter, _ key: String, _ draft: inout OfferDraft
  ) throws(ImportRefusal) {
    if rate == .free, meter != .input, meter != .output {
      draft.remark(key, "it is zero: free, or not known; state it by hand if it is free")
    } else if rate == .free {
      throw ImportRefusal(
        .zeroPrice, "the price of '\(meter)' is zero: free, or not known; state it by hand if it is free")
    } else {
      base[meter] = rate
    }
  }

  private func refuseDearReasoning(_ field: JSONField, in prices: ImportObject) throws(ImportRefusal) {
    guard case .number = field.node.value, let output = try? prices.rate("output_mtok", .millionTokens),
      try field.importedRate(.millionTokens) <= output
    else { throw ImportRefusal(.inexpressible, "reasoning tokens cost more than other output tokens") }
  }

  private static let meters: [String: (Meter, PriceUnit)] = [
    "input_mtok": (.input, .millionTokens), "output_mtok": (.output, .millionTokens),
    "cache_read_mtok": (.cacheRead, .millionTokens), "cache_write_mtok": (.cacheWrite, .millionTokens),
    "cache_write_5m_mtok": (.cacheWrite, .millionTokens),
    "cache_write_1h_mtok": (Meter.cacheWrite(hours: 1) ?? .cacheWrite, .millionTokens),
    "web_searches_kcount": (.webSearch, .thousandCalls), "requests_kcount": (.request, .thousandCalls),
  ]
}
