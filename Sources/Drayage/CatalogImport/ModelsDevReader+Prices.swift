internal import DrayageCore

/// The prices of models.dev's entries: dollars per million tokens.
extension ModelsDevReader {
  static func sheet(
    _ cost: ImportObject, of entry: ImportObject, _ draft: inout OfferDraft
  ) throws(ImportRefusal) -> SheetDraft {
    var sheet = SheetDraft()
    sheet.base = try rates(cost, above: nil, &draft)
    try sheet.requirePrices()
    for field in try cost.elements("tiers") {
      let tier = try ImportObject(entry: field)
      guard let condition = try tier.object("tier"), try condition.text("type") == "context",
        let size = try condition.tokens("size")
      else { throw ImportRefusal(.inexpressible, "'\(field.path)' is no tier by context") }
      sheet.tiers[size] = try rates(tier, above: size, &draft)
    }
    // An older way to say the same, kept beside the list of tiers even where these begin elsewhere.
    if sheet.tiers.isEmpty, let above = try cost.object("context_over_200k") {
      sheet.tiers[200_000] = try rates(above, above: 200_000, &draft)
    }
    if let reasoning = try cost.rate("reasoning", .millionTokens), let output = sheet.base[.output] {
      if reasoning > output {
        throw ImportRefusal(
          .inexpressible, "reasoning tokens cost \(reasoning), other output tokens \(output)")
      }
      if reasoning < output {
        draft.remark("cost.reasoning", "reasoning tokens cost less than other output; they are charged alike")
      }
    }
    let audio = draft.optional("cost.input_audio") { () throws(ImportRefusal) in
      try cost.rate("input_audio", .millionTokens)
    }
    if let audio, audio != sheet.base[.input], draft.capabilities.contains(.audio) {
      draft.giveUp(.audio, because: "cost.input_audio")
    }
    if cost["output_audio"] != nil { draft.remark("cost.output_audio", "there is no such meter") }
    try readModes(of: entry, into: &sheet, &draft)
    return sheet
  }

  /// The rates of an object of prices: of plain use, or above a size, where none may be zero.
  private static func rates(
    _ prices: ImportObject, above size: Int?, _ draft: inout OfferDraft
  ) throws(ImportRefusal) -> [Meter: Rate] {
    var rates: [Meter: Rate] = [:]
    let meters: KeyValuePairs<String, Meter> = [
      "input": .input, "output": .output, "cache_read": .cacheRead, "cache_write": .cacheWrite,
    ]
    for (key, meter) in meters {
      let mayLack = size == nil && meter != .input && meter != .output
      let rate =
        mayLack
        ? draft.optional("cost.\(key)") { () throws(ImportRefusal) in try prices.rate(key, .millionTokens) }
        : try prices.rate(key, .millionTokens)
      guard let rate else { continue }
      if rate == .free, mayLack {
        draft.remark("cost.\(key)", "it is zero: free, or not known; state it by hand if it is free")
        continue
      }
      if rate == .free, let size {
        throw ImportRefusal(.zeroPrice, "the price of '\(meter)' over \(size) tokens is zero")
      }
      rates[meter] = rate
    }
    return rates
  }

  /// Other ways to buy the model that are asked for as a service.
  private static func readModes(
    of entry: ImportObject, into sheet: inout SheetDraft, _ draft: inout OfferDraft
  ) throws(ImportRefusal) {
    guard let modes = try entry.object("experimental")?.object("modes") else { return }
    for name in modes.keys {
      let fact = "experimental.modes.\(name)"
      guard let mode = try modes.object(name), let cost = try mode.object("cost") else { continue }
      guard let service = try mode.object("provider")?.object("body")?.text("service_tier"),
        OfferID(provider: "-", name: "-", service: service) != nil,
        service != PriceConditions.standardService
      else {
        draft.remark(fact, "it is asked for by other means than a service")
        continue
      }
      do throws(ImportRefusal) {
        sheet.services[service] = try rates(cost, above: 0, &draft)
      } catch {
        draft.remark(fact, error.message)
      }
    }
  }

  /// Where requests are sent, if that is the same for everyone and in OpenAI's format.
  static func endpoint(of provider: ImportObject) -> Endpoint? {
    guard (try? provider.text("npm")) == "@ai-sdk/openai-compatible", var base = try? provider.text("api")
    else { return nil }
    while base.hasSuffix("/") { base.removeLast() }
    guard base.hasPrefix("https://"), base.utf8.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "$") }) else {
      return nil
    }
    let key = (try? provider.names("env"))?.first.flatMap { name in
      name.wholeMatch(of: #/[A-Z0-9_]+/#) == nil ? nil : name
    }
    return Endpoint(dialect: .openAIChat, baseURL: base, keyEnvironment: key)
  }
}
