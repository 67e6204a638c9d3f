internal import DrayageCore

/// Turns absolute rates under conditions into rules.
///
/// Rules of different groups compound, and of two that state absolute rates for one meter it is not known
/// which holds. So the rules of one group may state rates, and those of every other group must be exact
/// factors. What cannot be said so is left out if that can only overstate a charge, and refuses the offer
/// otherwise.
extension SheetDraft {
  /// The rules, with the wider conditions after the narrower.
  ///
  /// - Throws: ``ImportRefusal`` if a dearer rate cannot be expressed.
  func rules(remarks: inout [ImportRemark]) throws(ImportRefusal) -> [RateRule] {
    let sizes = tiers.keys.sorted(by: >)
    let context = sizes.map { size in
      Change(condition: .inputOver(size), rates: Self.rates(above: size, tiers: tiers, base: base))
    }
    var kept: [Change] = []
    for (service, rates) in services.sorted(by: { Self.order($0.key) < Self.order($1.key) }) {
      if let reason = fault(ofService: service, rates) {
        remarks.append(ImportRemark(fact: "service \(service)", reason: reason))
        continue
      }
      kept.append(Change(condition: .service(service), rates: rates))
      for meter in base.keys.sorted() where meter.isToken && rates[meter] == nil {
        remarks.append(
          ImportRemark(
            fact: "service \(service)", reason: "its '\(meter)' is not stated; the standard rate is taken"))
      }
      for size in sizes where serviceTiers[service]?[size] == nil {
        remarks.append(
          ImportRemark(
            fact: "service \(service)",
            reason: "its rates over \(size) tokens are not stated; tier and service are taken together"))
      }
    }
    let moments = times.map { Change(condition: .time($0.windows), rates: $0.rates) }
    // Tiers may state rates unless only factors on them let the others be expressed.
    for free in 0..<3 {
      let layers = [context, kept, moments].enumerated().map { position, changes in
        changes.map { $0.rule(over: base, mayState: position == free) }
      }
      if layers.allSatisfy({ $0.allSatisfy { $0 != nil } }) {
        return layers.flatMap { $0.compactMap(\.self) } + regionRules
      }
    }
    let services = kept.filter { $0.rule(over: base, mayState: false) != nil }
    for change in kept where !services.contains(where: { $0.condition == change.condition }) {
      remarks.append(
        ImportRemark(
          fact: "\(RateRule(when: change.condition, .set(change.rates)))",
          reason: "its rates are no exact factors of the standard ones, and tiers apply too"))
    }
    var timed: [RateRule] = []
    for moment in moments {
      if let rule = moment.rule(over: base, mayState: false) {
        timed.append(rule)
      } else if moment.raises(base) {
        throw ImportRefusal(.inexpressible, "at times it is dearer, by no exact factor, and tiers apply too")
      }
    }
    return context.compactMap { $0.rule(over: base, mayState: true) }
      + services.compactMap { $0.rule(over: base, mayState: false) } + timed + regionRules
  }

  private var regionRules: [RateRule] {
    regions.sorted { $0.key < $1.key }.map {
      RateRule(when: .region([$0.key]), .multiply([:], otherTokens: $0.value))
    }
  }

  /// The usual services first, in the order of price files.
  private static func order(_ service: String) -> (Int, String) {
    (["batch", "flex", "priority"].firstIndex(of: service) ?? 3, service)
  }

  /// Why a service cannot be sold as stated: rates above a size that are not what the tier and the service
  /// make together.
  private func fault(ofService service: String, _ rates: [Meter: Rate]) -> String? {
    if rates[.input] == nil || rates[.output] == nil { return "its rate for input or output is not stated" }
    for (size, stated) in serviceTiers[service, default: [:]] {
      let tier = Self.rates(above: size, tiers: tiers, base: base)
      for (meter, rate) in stated {
        guard let base = base[meter], let above = tier[meter] ?? self.base[meter] else {
          return "'\(meter)' over \(size) tokens has no standard rate to be compared with"
        }
        let (left, overflow) = rate.picodollars.multipliedReportingOverflow(by: base.picodollars)
        let (right, carry) = above.picodollars.multipliedReportingOverflow(
          by: (rates[meter] ?? base).picodollars)
        guard !overflow, !carry, left == right else {
          return "its '\(meter)' over \(size) tokens is not what the tier and the service make together"
        }
      }
    }
    return nil
  }

  /// Rates under a condition.
  private struct Change {
    let condition: RateRule.Condition
    let rates: [Meter: Rate]

    /// The rule; nil if it would have to state rates and may not.
    func rule(over base: [Meter: Rate], mayState: Bool) -> RateRule? {
      let factors = factors(over: base)
      if let factors, let factor = factors.first?.value, factors.values.allSatisfy({ $0 == factor }) {
        let tokens = Set(base.keys.filter(\.isToken))
        return RateRule(
          when: condition,
          tokens == Set(factors.keys)
            ? .multiply([:], otherTokens: factor) : .multiply(factors, otherTokens: nil))
      }
      if mayState { return RateRule(when: condition, .set(rates)) }
      return factors.map { RateRule(when: condition, .multiply($0, otherTokens: nil)) }
    }

    /// Whether a rate is above its base.
    func raises(_ base: [Meter: Rate]) -> Bool {
      rates.contains { meter, rate in base[meter].map { $0 < rate } ?? true }
    }

    /// The factor of each meter on its base rate; nil if one is not exact to six places.
    private func factors(over base: [Meter: Rate]) -> [Meter: Multiplier]? {
      var factors: [Meter: Multiplier] = [:]
      for (meter, rate) in rates {
        guard let below = base[meter], below > .free else { return nil }
        let (scaled, overflow) = rate.picodollars.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow, scaled % below.picodollars == 0,
          let factor = try? Multiplier(ExactDecimal.text(scaled / below.picodollars, places: 6))
        else { return nil }
        factors[meter] = factor
      }
      return factors
    }
  }
}
