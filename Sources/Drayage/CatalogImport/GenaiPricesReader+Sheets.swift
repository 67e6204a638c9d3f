internal import DrayageCore

/// The prices of genai-prices' entries over time.
///
/// A price may hold from a day, or at hours of the day; of those that hold, the last counts, and the first if
/// none does. Variants override some prices for a service.
extension GenaiPricesReader {
  private struct Conditional {
    let prices: ImportObject
    var start: UTCInstant?
    var windows: TimeWindows?
    /// The key and value by which a request asks for a variant.
    var asked: (key: String, value: String)?
  }

  static func sheets(
    of entry: ImportObject, checked: UTCInstant, _ draft: inout OfferDraft
  ) throws(ImportRefusal) -> [SheetDraft] {
    guard let field = entry["prices"] else { throw ImportRefusal(.noPrice, "it has no 'prices'") }
    var standard: [Conditional] = []
    if case .array = field.node.value {
      for element in try entry.elements("prices") {
        standard.append(try conditional(ImportObject(entry: element)))
      }
    } else {
      standard = [Conditional(prices: try ImportObject(entry: field))]
    }
    guard let first = standard.first else { throw ImportRefusal(.noPrice, "its list of prices is empty") }
    guard first.windows == nil else {
      throw ImportRefusal(.inexpressible, "its first price holds at hours of the day, and none is plain")
    }
    var variants: [Conditional] = []
    for element in try entry.elements("price_variants") {
      let variant = draft.optional(element.path) { () throws(ImportRefusal) -> Conditional? in
        try conditional(ImportObject(entry: element))
      }
      if let variant { variants.append(variant) }
    }
    var starts: [UTCInstant?] = [nil]
    starts += Set((standard.dropFirst() + variants).compactMap(\.start)).sorted()
    var sheets: [SheetDraft] = []
    for (position, start) in starts.enumerated() {
      let end = position + 1 < starts.count ? starts[position + 1] : nil
      do throws(ImportRefusal) {
        var sheet = try sheet(
          standard.filter { holds($0, from: start) }, or: first,
          variants: variants.filter { holds($0, from: start) }, &draft)
        sheet.from = start
        sheet.until = end
        sheets.append(sheet)
      } catch {
        // What is past may be lost; what holds or will hold may not.
        guard let end, end <= checked else { throw error }
        draft.remark("prices until \(end.day)", error.message)
      }
    }
    return sheets
  }

  private static func holds(_ conditional: Conditional, from start: UTCInstant?) -> Bool {
    guard let own = conditional.start else { return true }
    return start.map { own <= $0 } ?? false
  }

  private static func conditional(_ object: ImportObject) throws(ImportRefusal) -> Conditional {
    guard let prices = try object.object("prices") else {
      throw ImportRefusal(.malformed, "'\(object.field.path)' has no 'prices'")
    }
    var conditional = Conditional(prices: prices)
    if let when = try object.object("when") {
      guard when.keys.count == 1, let value = try when.text(when.keys[0]) else {
        throw ImportRefusal(.inexpressible, "it depends on several things at once")
      }
      conditional.asked = (when.keys[0], value)
    }
    guard let constraint = try object.object("constraint") else { return conditional }
    if constraint["start_date"] != nil {
      conditional.start = try constraint.day("start_date")
    } else {
      guard let start = try constraint.text("start_time").flatMap(minute),
        let end = try constraint.text("end_time").flatMap(minute)
      else { throw ImportRefusal(.inexpressible, "'\(constraint.field.path)' is no day and no hours in UTC") }
      let last = end == 0 ? 1_440 : end
      conditional.windows = TimeWindows(
        minutes: start < last ? [start..<last] : [0..<last, start..<1_440].filter { !$0.isEmpty })
    }
    return conditional
  }

  /// The minute of the day of `01:00:00+00:00` or `01:00:00Z`; nil for another zone or for seconds.
  private static func minute(_ text: String) -> Int? {
    guard let match = text.wholeMatch(of: #/(\d\d):(\d\d)(:00)?(Z|\+00:00)?/#),
      let hour = Int(match.output.1), let minute = Int(match.output.2), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  private static func sheet(
    _ standard: [Conditional], or first: Conditional, variants: [Conditional], _ draft: inout OfferDraft
  ) throws(ImportRefusal) -> SheetDraft {
    var plain = first
    var timed: [Conditional] = []
    for conditional in standard {
      if conditional.windows == nil {
        plain = conditional
        timed = []
      } else {
        timed.append(conditional)
      }
    }
    var sheet = SheetDraft()
    let prices = try GenaiPrices(plain.prices, &draft)
    sheet.base = prices.base
    sheet.tiers = prices.tiers
    try sheet.requirePrices()
    for conditional in timed.reversed() {
      guard let windows = conditional.windows else { continue }
      let rates = try GenaiPrices(conditional.prices, &draft)
      guard rates.tiers.isEmpty else {
        throw ImportRefusal(.inexpressible, "tiers that hold at hours of the day")
      }
      sheet.times.append((windows, rates.base))
    }
    // Of the variants that hold, the first counts.
    for variant in variants.reversed() {
      guard let asked = variant.asked else { continue }
      let fact = "price_variants.\(asked.key).\(asked.value)"
      guard let service = Self.service(asked.key, asked.value) else {
        draft.remark(fact, "it is asked for by other means than a service")
        continue
      }
      let rates = draft.optional(fact) { () throws(ImportRefusal) -> GenaiPrices? in
        var remarks = OfferDraft(provider: "", wireModel: "")
        return try GenaiPrices(variant.prices, &remarks)
      }
      guard let rates else { continue }
      if service == PriceConditions.standardService {
        if rates.base.contains(where: { sheet.base[$0.key] != $0.value }) {
          draft.remark(fact, "it is not the plain price, which stays")
        }
        continue
      }
      sheet.services[service] = rates.base
      var tiers: [Int: [Meter: Rate]] = [:]
      for size in Set(sheet.tiers.keys).union(rates.tiers.keys) {
        let above = SheetDraft.rates(above: size, tiers: rates.tiers, base: rates.base)
        tiers[size] = rates.base.merging(above) { $1 }
      }
      sheet.serviceTiers[service] = tiers
    }
    return sheet
  }

  private static func service(_ key: String, _ value: String) -> String? {
    switch (key, value) {
    case ("processing", "batch"): "batch"
    case ("service_tier", "default"): PriceConditions.standardService
    case ("service_tier", "flex"), ("service_tier", "priority"), ("service_tier", "fast"): value
    default: nil
    }
  }
}
