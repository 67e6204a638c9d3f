internal import DrayageCore

/// What an entry of a price list says, in the words of price files, before it has a place in them.
struct OfferDraft {
  /// The list's own name of the provider, translated if the catalog has another.
  var provider: String
  /// The name of the model in requests.
  var wireModel: String
  /// The dated prices.
  var sheets: [SheetDraft] = []
  var limits = OfferLimits()
  /// What the entry says that the model can do.
  var capabilities: Set<Capability> = []
  /// What the entry says that the model cannot do.
  var lacking: Set<Capability> = []
  /// The efforts, if the entry lists them.
  var efforts: [String] = []
  var retires: UTCInstant?
  var openWeights: Bool?
  /// Whether only the Responses interface answers.
  var onlyResponses = false
  /// Where requests are sent, if the list says.
  var endpoint: Endpoint?
  /// What was left out or assumed.
  var remarks: [ImportRemark] = []

  init(provider: String, wireModel: String) {
    self.provider = provider
    self.wireModel = wireModel
  }

  mutating func remark(_ fact: String, _ reason: String) {
    let remark = ImportRemark(fact: fact, reason: reason)
    if !remarks.contains(remark) { remarks.append(remark) }
  }

  /// Runs `read`; what it refuses is a remark about `fact`, not a refusal of the entry.
  mutating func optional<Value>(
    _ fact: String, _ read: () throws(ImportRefusal) -> Value?
  ) -> Value? {
    do {
      return try read()
    } catch {
      remark(fact, error.message)
      return nil
    }
  }

  /// Takes a capability as stated; nothing if it is not.
  mutating func take(_ capability: Capability, _ stated: Bool?) {
    guard let stated else { return }
    if stated { capabilities.insert(capability) } else { lacking.insert(capability) }
  }

  /// Leaves out `capability`, whose use has a price that rates cannot state: what needs it must not be
  /// charged as text.
  mutating func giveUp(_ capability: Capability, because fact: String) {
    capabilities.remove(capability)
    remark(
      fact, "there is no such meter; '\(capability)' is left out, so that it is not used at another price")
  }
}

/// Prices between two instants: absolute rates, by the condition under which they hold.
struct SheetDraft {
  var from: UTCInstant?
  var until: UTCInstant?
  /// The rates of plain use.
  var base: [Meter: Rate] = [:]
  /// The rates above so many input tokens, where they differ from those below.
  var tiers: [Int: [Meter: Rate]] = [:]
  /// The rates of other services.
  var services: [String: [Meter: Rate]] = [:]
  /// The rates of other services above so many input tokens.
  var serviceTiers: [String: [Int: [Meter: Rate]]] = [:]
  /// The rates at times of the week.
  var times: [(windows: TimeWindows, rates: [Meter: Rate])] = []
  /// The factors on token rates in regions.
  var regions: [String: Multiplier] = [:]

  /// The rates above `size` input tokens: of every meter that a tier names, what the last tier up to there
  /// says.
  static func rates(above size: Int, tiers: [Int: [Meter: Rate]], base: [Meter: Rate]) -> [Meter: Rate] {
    var rates: [Meter: Rate] = [:]
    for meter in Set(tiers.values.flatMap(\.keys)) {
      let last = tiers.filter { $0.key <= size && $0.value[meter] != nil }.max { $0.key < $1.key }
      rates[meter] = last?.value[meter] ?? base[meter]
    }
    return rates
  }
}
