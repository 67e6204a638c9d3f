internal import DrayageCore

/// Prices at times of the week.
extension LitellmReader {
  static func readOffPeak(
    of entry: ImportObject, into sheet: inout SheetDraft, _ draft: inout OfferDraft
  ) throws(ImportRefusal) {
    guard let prices = try entry.object("off_peak_pricing") else { return }
    let moments = draft.optional("off_peak_pricing") {
      () throws(ImportRefusal) -> [(windows: TimeWindows, rates: [Meter: Rate])] in
      guard prices["weekday_timezone"] == nil else {
        throw ImportRefusal(.inexpressible, "its days are of another time zone than its hours")
      }
      var rates: [Meter: Rate] = [:]
      for key in prices.keys {
        guard let price = LitellmPriceKey(key), let rate = try prices.rate(key, .token) else { continue }
        rates[price.meter] = rate
      }
      var moments: [(windows: TimeWindows, rates: [Meter: Rate])] = []
      for field in try prices.elements("windows") {
        moments.append((try windows(ImportObject(entry: field)), rates))
      }
      return moments
    }
    guard let moments else { return }
    // Left out, a discount overstates a charge; a surcharge would understate it.
    for (meter, rate) in moments.first?.rates ?? [:] where rate > sheet.base[meter] ?? .free {
      throw ImportRefusal(.inexpressible, "'off_peak_pricing' is dearer than the plain price of '\(meter)'")
    }
    sheet.times = moments
  }

  private static func windows(_ object: ImportObject) throws(ImportRefusal) -> TimeWindows {
    var minutes: [Range<Int>] = []
    for text in try object.names("hours_utc") {
      guard let range = minutesOfDay(text) else {
        throw ImportRefusal(.malformed, "\(InputError.quoted(text)) is not a range such as 10:00-00:00")
      }
      minutes.append(range)
    }
    var days: Set<Weekday> = []
    for field in try object.elements("weekdays") {
      guard let number = field.node.integer, (1...7).contains(number) else {
        throw ImportRefusal(.malformed, "'\(field.path)' is not a day of the week, 1 to 7")
      }
      days.insert(Weekday.allCases[number - 1])
    }
    guard let windows = TimeWindows(minutes: minutes, days: days) else {
      throw ImportRefusal(.malformed, "'\(object.field.path)' has no hours or no days")
    }
    return windows
  }

  /// Minutes from `HH:MM-HH:MM`, where midnight at the end is that of the day's end.
  private static func minutesOfDay(_ text: String) -> Range<Int>? {
    guard let match = text.wholeMatch(of: #/(\d\d):(\d\d)-(\d\d):(\d\d)/#),
      let first = Int(match.output.1), let second = Int(match.output.2),
      let third = Int(match.output.3), let fourth = Int(match.output.4),
      first < 24, second < 60, third <= 24, fourth < 60
    else { return nil }
    let start = first * 60 + second
    let end = third * 60 + fourth
    let last = end == 0 ? 1_440 : end
    return start < last && last <= 1_440 ? start..<last : nil
  }
}
