internal import DrayageCore

/// Reads the rules of rate sheets.
extension JSONField {
  /// A list of rules, in which a text stands for the named list of `rulesets`.
  func rules(rulesets: [String: [RateRule]]) throws(InputError) -> [RateRule] {
    var rules: [RateRule] = []
    for element in try elements() {
      guard case .string = element.node.value else {
        rules.append(try element.rule())
        continue
      }
      let name = try element.name()
      guard let named = rulesets[name] else {
        throw element.fault(
          "no such ruleset; add it to 'rulesets', or correct the name. "
            + Spelling.advice(for: name, among: rulesets.keys.sorted()), .unknown)
      }
      rules += named
    }
    return rules
  }

  private func rule() throws(InputError) -> RateRule {
    var fields = try fields()
    let group = try fields.require("group")
    let condition = try fields.require("when").condition()
    let adjustment = try adjustment(&fields)
    try fields.end()
    let rule = RateRule(when: condition, adjustment)
    guard try group.text() == rule.group.rawValue else {
      throw group.fault(
        "a rule under '\(rule)' belongs to the group '\(rule.group.rawValue)'; correct one of the two")
    }
    if case .holiday = condition, rule.mayRaise {
      throw fault(
        "a holiday rule may only lower prices, as 'mul' of at most 1: no holiday table is kept, so "
          + "it never applies"
      )
    }
    return rule
  }

  private func condition() throws(InputError) -> RateRule.Condition {
    var fields = try fields()
    var conditions: [RateRule.Condition] = []
    if let field = fields.take("input_over") { conditions.append(.inputOver(try field.count(atLeast: 0))) }
    if let field = fields.take("service") { conditions.append(.service(try field.serviceName())) }
    if let field = fields.take("region") {
      let names = try field.names()
      guard !names.isEmpty else { throw field.fault("at least one region is expected") }
      conditions.append(.region(names))
    }
    if let windows = try windows(utc: fields.take("utc"), days: fields.take("days")) {
      conditions.append(.time(windows))
    }
    if let field = fields.take("holiday") { conditions.append(.holiday(try field.name())) }
    if let field = fields.take("plan") { conditions.append(.plan(try field.name())) }
    try fields.end()
    guard conditions.count == 1, let condition = conditions.first else {
      throw fault(
        "one condition is expected, not \(conditions.count); utc and days together are one. Write a "
          + "rule for each"
      )
    }
    return condition
  }

  private func serviceName() throws(InputError) -> String {
    let name = try name()
    guard name != PriceConditions.standardService else {
      throw fault("the base rates are those of the standard service; remove the rule")
    }
    guard OfferID(provider: "-", name: "-", service: name) != nil else {
      throw fault("the name of a service holds no space, '#' or '@'")
    }
    return name
  }

  private func adjustment(_ fields: inout JSONFields) throws(InputError) -> RateRule.Adjustment {
    let mul = fields.take("mul")
    let set = fields.take("set")
    let units = fields.take("units")
    switch (mul, set) {
    case (let mul?, nil): return try mul.multipliers(only: units)
    case (nil, let set?):
      if let units { throw units.fault("'set' names its units itself; remove 'units'") }
      var rates: [Meter: Rate] = [:]
      for (key, field) in try set.entries() {
        let meter = try field.meter(named: key)
        rates[meter] = try field.rate(of: meter)
      }
      guard !rates.isEmpty else { throw set.fault("at least one rate is expected") }
      return .set(rates)
    default: throw fault("a rule has either 'mul' or 'set'")
    }
  }

  private func multipliers(only units: JSONField?) throws(InputError) -> RateRule.Adjustment {
    if case .string = node.value {
      let factor = try multiplier()
      guard let units else { return .multiply([:], otherTokens: factor) }
      var named: [Meter: Multiplier] = [:]
      for unit in try units.names() { named[try units.meter(named: unit)] = factor }
      guard !named.isEmpty else { throw units.fault("at least one unit is expected") }
      return .multiply(named, otherTokens: nil)
    }
    if let units { throw units.fault("'mul' names its units itself; remove 'units'") }
    var named: [Meter: Multiplier] = [:]
    var others: Multiplier?
    for (key, field) in try entries() {
      if key == "*" {
        others = try field.multiplier()
      } else {
        named[try field.meter(named: key)] = try field.multiplier()
      }
    }
    guard !named.isEmpty || others != nil else { throw fault("at least one multiplier is expected") }
    return .multiply(named, otherTokens: others)
  }
}

extension RateRule {
  /// Whether the rule can make anything dearer.
  fileprivate var mayRaise: Bool {
    switch adjustment {
    case .multiply(let named, let others): named.values.contains(where: \.raises) || (others?.raises ?? false)
    case .set: true
    }
  }
}
