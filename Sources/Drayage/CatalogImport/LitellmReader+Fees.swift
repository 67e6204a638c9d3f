internal import DrayageCore

/// What litellm's entries charge besides tokens of text, and what they charge more for regions.
extension LitellmReader {
  static func readFees(
    of entry: ImportObject, into sheet: inout SheetDraft, _ draft: inout OfferDraft
  ) {
    let request = draft.optional("input_cost_per_request") { () throws(ImportRefusal) in
      try entry.rate("input_cost_per_request", .call)
    }
    if let request, request > .free { sheet.base[.request] = request }
    let key = "search_context_cost_per_query"
    let searches = draft.optional(key) { () throws(ImportRefusal) -> [Rate]? in
      guard let sizes = try entry.object(key) else { return nil }
      var rates: [Rate] = []
      for size in sizes.keys where size.hasPrefix("search_context_size_") {
        if let rate = try sizes.rate(size, .call), rate > .free { rates.append(rate) }
      }
      return rates
    }
    guard let dearest = searches?.max() else { return }
    sheet.base[.webSearch] = dearest
    if searches?.contains(where: { $0 != dearest }) == true {
      draft.remark(key, "it depends on how much is read; the dearest is taken")
    }
    for key in ["search_free_requests", "google_maps_grounding_cost_per_query"] where entry[key] != nil {
      draft.remark(key, "there is no such meter or allowance")
    }
  }

  static func readRegions(
    of entry: ImportObject, into sheet: inout SheetDraft, _ draft: inout OfferDraft
  ) {
    let prefix = "regional_processing_uplift_multiplier_"
    var factors = entry.keys.filter { $0.hasPrefix(prefix) }.map {
      (fact: $0, region: String($0.dropFirst(prefix.count)), field: entry[$0])
    }
    if let field = entry["provider_specific_entry"], let specific = try? ImportObject(field) {
      for key in specific.keys {
        let fact = "provider_specific_entry.\(key)"
        if ["us", "eu"].contains(key) {
          factors.append((fact, key, specific[key]))
        } else {
          draft.remark(fact, "what it is a factor for has no words in price files")
        }
      }
    }
    for (fact, region, field) in factors {
      guard let field, (1...200).contains(region.utf8.count) else { continue }
      if case .number(let text) = field.node.value, let factor = try? Multiplier(text), factor.raises {
        sheet.regions[region] = factor
      } else {
        draft.remark(fact, "a factor above 1 with at most six decimal places is expected")
      }
    }
    let endpoints = "regional_endpoint_uplift_multiplier"
    if entry[endpoints] != nil { draft.remark(endpoints, "the regions that it is for are not stated") }
  }

  /// Prices of what rates have no meter for: the use that they are for is given up where it can be.
  static func readOtherMeters(of entry: ImportObject, _ sheet: SheetDraft, _ draft: inout OfferDraft) {
    let kinds: KeyValuePairs<String, Capability> = [
      "input_cost_per_audio_token": .audio, "input_cost_per_image_token": .image,
      "input_cost_per_video_token": .video,
    ]
    for (key, capability) in kinds {
      let rate = draft.optional(key) { () throws(ImportRefusal) in try entry.rate(key, .token) }
      guard let rate, rate != sheet.base[.input] else { continue }
      if draft.capabilities.contains(capability) { draft.giveUp(capability, because: key) }
    }
    let handled =
      kinds.map(\.key) + [
        "input_cost_per_request", "output_cost_per_reasoning_token", "search_context_cost_per_query",
        "google_maps_grounding_cost_per_query", "regional_endpoint_uplift_multiplier",
        // The same price again, and the price in a unit of the provider's own.
        "input_cost_per_token_cache_hit", "input_dbu_cost_per_token", "output_dbu_cost_per_token",
      ]
    for key in entry.keys where key.contains("cost") && !handled.contains(key) {
      guard LitellmPriceKey(key) == nil, let field = entry[key] else { continue }
      if case .number(let text) = field.node.value, (try? Rate(dollarsEach: text)) == .free { continue }
      draft.remark(key, "there is no such meter or service")
    }
  }
}
