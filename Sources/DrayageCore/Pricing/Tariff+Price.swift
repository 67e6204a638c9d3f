extension Tariff {
  /// What `usage` costs when the request is made at `instant`.
  ///
  /// A context tier holds for the whole request and is measured by all of its input, cached or not. Cached
  /// reads without a rate of their own are charged as fresh input, which over-estimates; anything else
  /// without a rate is an error.
  ///
  /// - Parameters:
  ///   - usage: the tokens that were used.
  ///   - extras: further counts by meter, of zero or more: cache writes of extended lifetime, web searches.
  ///     The request itself is charged once without being listed.
  ///   - free: by meter, how many units an allowance still covers, such as the free searches that are left of
  ///     a day; 0 or more. They count towards the context tier, and are not charged. Who shares an allowance and
  ///     when it begins anew is for the caller to know; without it everything is charged.
  ///   - instant: when the request is made.
  ///   - conditions: service tier, region and plan.
  /// - Throws: ``TariffError``.
  /// - Complexity: linear in the number of rules.
  public func price(
    _ usage: TokenUsage, besides extras: [Meter: Int] = [:], free: [Meter: Int] = [:], at instant: UTCInstant,
    under conditions: PriceConditions = PriceConditions()
  ) throws(TariffError) -> Bill {
    if let (meter, count) = free.first(where: { $0.value < 0 }) {
      throw tooLarge("an allowance of \(count) of \(meter)")
    }
    // In the order of meters.
    var counts = [
      MeterCount(meter: .input, count: usage.input), MeterCount(meter: .output, count: usage.output),
    ]
    if usage.cachedInput != 0 { counts.append(MeterCount(meter: .cacheRead, count: usage.cachedInput)) }
    if usage.cacheWrite != 0 { counts.append(MeterCount(meter: .cacheWrite, count: usage.cacheWrite)) }
    let own = counts.count
    for (meter, count) in extras {
      let place = counts.firstIndex { $0.meter == meter } ?? counts.count
      if place == counts.count { counts.append(MeterCount(meter: meter, count: 0)) }
      let (sum, overflow) = counts[place].count.addingReportingOverflow(count)
      guard !overflow, count >= 0 else { throw tooLarge("a count of \(count) of \(meter)") }
      counts[place].count = sum
    }
    var totalInput = 0
    for item in counts where item.meter.isInput {
      let (sum, overflow) = totalInput.addingReportingOverflow(item.count)
      guard !overflow else { throw tooLarge("the input") }
      totalInput = sum
    }
    let rates = try rates(totalInput: totalInput, at: instant, under: conditions)
    if rates.mayHaveRate(of: .request) {
      // Once, whatever was counted.
      counts.removeAll { $0.meter == .request }
      counts.append(MeterCount(meter: .request, count: 1))
    }
    if counts.count > own { counts.sort { $0.meter < $1.meter } }
    return try rates.bill(counts, free: free)
  }

  /// The most that an attempt can be billed if it reads at most `input` tokens and writes at most `output`.
  ///
  /// Every input token is taken at the dearest of the input rates, cache writes of every lifetime included,
  /// in the dearest of the context tiers that so much input can reach. It is what is reserved before an
  /// attempt is sent.
  ///
  /// - Parameters:
  ///   - input: the most input tokens, cached or not; 0 or more.
  ///   - output: the most output tokens, reasoning included; 0 or more.
  ///   - fees: the most units of meters that do not count tokens, such as web searches; 0 or more.
  ///   - instant: when the request is made.
  ///   - conditions: service tier, region and plan.
  /// - Throws: ``TariffError``.
  public func ceiling(
    input: Int, output: Int, besides fees: [Meter: Int] = [:], at instant: UTCInstant,
    under conditions: PriceConditions = PriceConditions()
  ) throws(TariffError) -> Money {
    for (meter, count) in fees where count < 0 || meter.isToken {
      throw tooLarge("a count of \(count) of \(meter) besides the bounds on tokens")
    }
    guard input >= 0, output >= 0 else { throw tooLarge("a bound of \(min(input, output)) tokens") }
    var dearest = Money.zero
    // Within a tier the charge grows with the input, so the largest input of the tier stands for all of it.
    for size in try sheet(at: instant).contextThresholds.filter({ $0 < input }) + [input] {
      let rates = try rates(totalInput: size, at: instant, under: conditions)
      for meter in rates.meters.union([.input]) where meter.isInput {
        var counts = fees
        counts[meter] = size
        counts[.output] = output
        if rates.mayHaveRate(of: .request) { counts[.request] = 1 }
        let sorted = counts.map { MeterCount(meter: $0.key, count: $0.value) }.sorted { $0.meter < $1.meter }
        dearest = max(dearest, try rates.bill(sorted).total)
      }
    }
    return dearest
  }

  /// The rates of a request of `totalInput` tokens.
  func rates(
    totalInput: Int, at instant: UTCInstant, under conditions: PriceConditions
  ) throws(TariffError) -> RatesInForce {
    let sheet = try sheet(at: instant)
    guard sheet.sells(conditions.service) else {
      throw TariffError(
        .serviceNotSold, offer: name,
        "service '\(conditions.service)' is not sold at \(instant); its services then are "
          + "\(sheet.services.joined(separator: ", ")). Add a rule for it to \(origin) if it is")
    }
    return RatesInForce(
      tariff: self, sheet: sheet,
      rules: sheet.rules(totalInput: totalInput, at: instant, under: conditions))
  }

  /// The error for an amount or a count out of range.
  func tooLarge(_ what: String) -> TariffError {
    TariffError(
      .tooLarge, offer: name, "\(what) is out of range; correct the usage, or the rates in \(origin)")
  }
}
