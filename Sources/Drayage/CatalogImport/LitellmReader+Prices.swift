internal import DrayageCore

/// The prices of litellm's entries: dollars per token, under keys that name meter, size and service.
extension LitellmReader {
  static func readPrices(of entry: ImportObject, into draft: inout OfferDraft) throws(ImportRefusal) {
    var sheet = SheetDraft()
    var unsold: Set<String> = []
    for key in entry.keys {
      guard let price = LitellmPriceKey(key) else { continue }
      do throws(ImportRefusal) {
        guard let rate = try entry.rate(key, .token) else { continue }
        guard rate > .free else {
          throw ImportRefusal(
            .zeroPrice, "'\(key)' is zero: free, or not known; state it by hand if it is free")
        }
        switch (price.service, price.size) {
        case (nil, nil): sheet.base[price.meter] = rate
        case (nil, let size?): sheet.tiers[size, default: [:]][price.meter] = rate
        case (let service?, nil): sheet.services[service, default: [:]][price.meter] = rate
        case (let service?, let size?):
          sheet.serviceTiers[service, default: [:]][size, default: [:]][price.meter] = rate
        }
      } catch {
        // Without a rate of plain use or above a size, charges would be too low; without that of a cache or a
        // service, only that use is lost.
        let needed = price.service == nil && (price.size != nil || [.input, .output].contains(price.meter))
        if needed { throw error }
        draft.remark(key, error.message)
        if let service = price.service { unsold.insert(service) }
      }
    }
    for service in unsold { sheet.services[service] = nil }
    try readTiers(of: entry, into: &sheet)
    try sheet.requirePrices()
    try readReasoning(of: entry, sheet, &draft)
    readFees(of: entry, into: &sheet, &draft)
    readRegions(of: entry, into: &sheet, &draft)
    try readOffPeak(of: entry, into: &sheet, &draft)
    readOtherMeters(of: entry, sheet, &draft)
    draft.sheets = [sheet]
  }

  /// Tiers as a list of ranges, which some entries have in place of plain prices.
  private static func readTiers(of entry: ImportObject, into sheet: inout SheetDraft) throws(ImportRefusal) {
    var end = 0
    for (position, field) in try entry.elements("tiered_pricing").enumerated() {
      let tier = try ImportObject(entry: field)
      let range = try tier.elements("range")
      guard range.count == 2, try range[0].importedTokens(atLeast: 0) == end else {
        throw ImportRefusal(.inexpressible, "the ranges of 'tiered_pricing' do not follow each other from 0")
      }
      for key in tier.keys {
        guard let price = LitellmPriceKey(key), let rate = try tier.rate(key, .token) else { continue }
        guard rate > .free, price.size == nil, price.service == nil else {
          throw ImportRefusal(
            .inexpressible, "'\(key)' in 'tiered_pricing' is zero, or has a condition of its own")
        }
        if position == 0 {
          sheet.base[price.meter] = rate
        } else {
          sheet.tiers[end, default: [:]][price.meter] = rate
        }
      }
      if let reasoning = try tier.rate("output_cost_per_reasoning_token", .token),
        let output = try tier.rate("output_cost_per_token", .token), reasoning > output
      {
        throw ImportRefusal(.inexpressible, "reasoning tokens cost more than other output tokens")
      }
      end = try range[1].importedTokens()
    }
  }

  /// Output is one meter, reasoning included: where reasoning costs more, charges would be too low.
  private static func readReasoning(
    of entry: ImportObject, _ sheet: SheetDraft, _ draft: inout OfferDraft
  ) throws(ImportRefusal) {
    let key = "output_cost_per_reasoning_token"
    guard let rate = try entry.rate(key, .token), let output = sheet.base[.output], rate != output else {
      return
    }
    if rate > output {
      throw ImportRefusal(.inexpressible, "reasoning tokens cost \(rate), other output tokens \(output)")
    }
    draft.remark(key, "reasoning tokens cost less than other output tokens; they are charged alike")
  }
}
