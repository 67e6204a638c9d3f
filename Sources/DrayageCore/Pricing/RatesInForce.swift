/// How many units of a meter were used.
struct MeterCount {
  let meter: Meter
  var count: Int
}

/// The rates of one request: a sheet with the rules that apply to it.
struct RatesInForce {
  /// The tariff that the sheet belongs to.
  let tariff: Tariff
  /// The sheet in force.
  let sheet: RateSheet
  /// The rules that apply, at most one of a group, in the order of the groups.
  let rules: [RateRule]

  /// The meters that may have a rate.
  var meters: Set<Meter> {
    var meters = Set(sheet.base.keys)
    for rule in rules {
      if case .set(let rates) = rule.adjustment { meters.formUnion(rates.keys) }
    }
    return meters
  }

  /// Whether `meter` is among ``meters``.
  func mayHaveRate(of meter: Meter) -> Bool {
    sheet.base[meter] != nil || rules.contains { $0.rate(for: meter) != nil }
  }

  /// The rate of one unit of `meter` and the product of the multipliers on it; nil if there is no rate.
  func rate(of meter: Meter) throws(TariffError) -> (rate: Rate, multiplier: Multiplier)? {
    var absolute: Rate?
    var multiplier = Multiplier.one
    for rule in rules {
      if let rate = rule.rate(for: meter) {
        guard absolute == nil else {
          throw TariffError(
            .ambiguousRate, offer: tariff.name, meter: meter,
            "two rules that apply together state a rate for \(meter); make one of them a 'mul' in "
              + "\(tariff.origin)"
          )
        }
        absolute = rate
      }
      guard let factor = rule.multiplier(for: meter) else { continue }
      guard let product = multiplier.multiplied(by: factor) else {
        throw tariff.tooLarge("the product of the multipliers of \(meter)")
      }
      multiplier = product
    }
    guard let rate = absolute ?? sheet.base[meter] else { return nil }
    return (rate, multiplier)
  }

  /// The bill for `counts`, with one line for each that is not zero; `free` units of each are not charged.
  ///
  /// - Parameter counts: of each meter at most one, in their order.
  func bill(_ counts: [MeterCount], free: [Meter: Int] = [:]) throws(TariffError) -> Bill {
    var lines: [Bill.Line] = []
    lines.reserveCapacity(counts.count)
    var sum = ExactAmount.zero
    for item in counts where item.count > 0 {
      let (meter, count) = (item.meter, item.count)
      let covered = free.isEmpty ? 0 : min(count, free[meter] ?? 0)
      var chargedAs = meter
      var price = try rate(of: meter)
      if price == nil, meter == .cacheRead {
        chargedAs = .input
        price = try rate(of: .input)
      }
      guard let price else {
        throw TariffError(
          .unknownPrice, offer: tariff.name, meter: chargedAs,
          "the price of \(chargedAs) is unknown, and unknown is not free; add it to the base rates "
            + "in \(tariff.origin)"
        )
      }
      guard
        let amount = ExactAmount(
          quantity: count - covered, rate: price.rate, multiplier: price.multiplier),
        let total = sum.adding(amount)
      else { throw tariff.tooLarge("the charge for \(count) of \(meter)") }
      sum = total
      lines.append(
        Bill.Line(
          meter: meter, chargedAs: chargedAs, quantity: count, free: covered,
          rate: price.rate, multiplier: price.multiplier, amount: amount))
    }
    guard let total = sum.roundedUp else { throw tariff.tooLarge("the total of \(sum)") }
    return Bill(
      offer: tariff.name, lines: lines, applied: rules.map(\.description), exact: sum, total: total)
  }
}
