internal import DrayageCore

/// Prices are compared as they would be charged: by service, input size and time, whatever rules they come
/// from.
extension ImportComparison {
  var prices: [ImportDisagreement] {
    var found: [ImportDisagreement] = []
    let services = tariff.sheets.first { $0.holds(at: checked) }?.services ?? []
    for service in services {
      guard let ours = known.offer(service: service) else {
        found.append(disagreement(.fact, "service \(service)", ours: "not sold", theirs: "sold"))
        continue
      }
      var worst: [String: ImportDisagreement] = [:]
      for instant in instants(with: ours.tariff) {
        for size in sizes(with: ours.tariff, at: instant) {
          for meter in meters(of: service, at: instant) {
            guard let price = compare(meter, with: ours, service, above: size, at: instant) else { continue }
            if worst[price.subject].map({ $0.size < price.size }) ?? true { worst[price.subject] = price }
          }
        }
      }
      found += worst.values
    }
    return found
  }

  /// The day of the check, every later day from which the list has prices, and every hour of a week where
  /// prices depend on it. Of what is to come and only the catalog knows, the list is silent.
  private func instants(with ours: Tariff) -> [UTCInstant] {
    var instants = [checked] + tariff.sheets.compactMap(\.from).filter { $0 > checked }
    let sheets = [tariff, ours].compactMap { tariff in tariff.sheets.first { $0.holds(at: checked) } }
    let timed = sheets.contains { sheet in sheet.rules.contains { $0.group == .time } }
    if timed {
      instants += (1..<168).map { UTCInstant(secondsSince1970: checked.secondsSince1970 + $0 * 3_600) }
    }
    return instants
  }

  /// The smallest input, and for each tier of either the largest size below it.
  private func sizes(with ours: Tariff, at instant: UTCInstant) -> [Int] {
    let sheets = [tariff, ours].compactMap { tariff in tariff.sheets.first { $0.holds(at: instant) } }
    return [0] + Set(sheets.flatMap(\.contextThresholds)).sorted()
  }

  /// The meters that the list has a price of for `service`; at other meters it costs what it always does, as
  /// far as the list says.
  private func meters(of service: String, at instant: UTCInstant) -> [Meter] {
    let sheet = draft.sheets.last { $0.from.map { $0 <= instant } ?? true }
    let rates = service == PriceConditions.standardService ? sheet?.base : sheet?.services[service]
    return rates?.keys.sorted() ?? []
  }

  private func compare(
    _ meter: Meter, with ours: Offer, _ service: String, above size: Int, at instant: UTCInstant
  ) -> ImportDisagreement? {
    let conditions = PriceConditions(service: service)
    guard let theirs = Self.charge(meter, by: tariff, above: size, at: instant, under: conditions) else {
      return nil
    }
    let our = Self.charge(meter, by: ours.tariff, above: size, at: instant, under: conditions)
    guard our?.amount != theirs.amount else { return nil }
    var subject = meter.key
    if service != PriceConditions.standardService { subject += ", \(service)" }
    if size > 0 { subject += ", input over \(size)" }
    let isOff = our.map { $0.each > 0 && theirs.each > 0 } ?? false
    return disagreement(
      .price, subject, ours: our.map { Self.text($0.each, meter) }, theirs: Self.text(theirs.each, meter),
      ratio: isOff ? our.map { theirs.each / $0.each } : nil)
  }

  /// What units of `meter` cost in a request of just over `size` input tokens, and each in pico-dollars; nil
  /// if `tariff` has no price for it.
  private static func charge(
    _ meter: Meter, by tariff: Tariff, above size: Int, at instant: UTCInstant,
    under conditions: PriceConditions
  ) -> (amount: ExactAmount, each: Double)? {
    let input = meter == .input ? size + 1 : meter.isInput ? size : size + 1
    let extras = meter == .input || meter == .request ? [:] : [meter: 1]
    guard
      let bill = try? tariff.price(
        TokenUsage(input: input, output: 0), besides: extras, at: instant, under: conditions),
      let line = bill.lines.first(where: { $0.meter == meter && $0.chargedAs == meter })
    else { return nil }
    let amount = Double(line.amount.numerator) / Double(line.amount.denominator)
    return (line.amount, amount / Double(line.quantity))
  }

  /// Pico-dollars for one in the unit that price lists state.
  private static func text(_ each: Double, _ meter: Meter) -> String {
    switch meter {
    case .webSearch: "$\(each / 1e9)/k"
    case .request: "$\(each / 1e12)"
    default: "$\(each / 1e6)/M"
    }
  }
}
