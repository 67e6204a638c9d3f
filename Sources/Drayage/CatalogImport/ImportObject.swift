internal import DrayageCore

/// An object of a price list, read leniently: keys that are not asked for are no fault.
struct ImportObject {
  let field: JSONField
  /// The keys, in the order of the list.
  let keys: [String]
  private let members: [String: JSONField]

  init(_ field: JSONField) throws(InputError) {
    let entries = try field.entries()
    self.field = field
    keys = entries.map(\.key)
    members = Dictionary(entries.map { ($0.key, $0.field) }, uniquingKeysWith: { first, _ in first })
  }

  /// The object that an entry is.
  init(entry field: JSONField) throws(ImportRefusal) {
    do { try self.init(field) } catch { throw ImportRefusal(error) }
  }

  /// The member called `key`; nil if it is absent or null.
  subscript(key: String) -> JSONField? {
    guard let member = members[key], !member.isNull else { return nil }
    return member
  }

  func object(_ key: String) throws(ImportRefusal) -> ImportObject? {
    guard let member = self[key] else { return nil }
    return try ImportObject(entry: member)
  }

  func text(_ key: String) throws(ImportRefusal) -> String? {
    do { return try self[key]?.name() } catch { throw ImportRefusal(error) }
  }

  func flag(_ key: String) throws(ImportRefusal) -> Bool? {
    do { return try self[key]?.flag() } catch { throw ImportRefusal(error) }
  }

  func elements(_ key: String) throws(ImportRefusal) -> [JSONField] {
    do { return try self[key]?.elements() ?? [] } catch { throw ImportRefusal(error) }
  }

  func names(_ key: String) throws(ImportRefusal) -> [String] {
    do { return try self[key]?.names() ?? [] } catch { throw ImportRefusal(error) }
  }

  func day(_ key: String) throws(ImportRefusal) -> UTCInstant? {
    do { return try self[key]?.instant() } catch { throw ImportRefusal(error) }
  }

  /// A number of tokens, 1 or more; nil if it is absent.
  func tokens(_ key: String) throws(ImportRefusal) -> Int? {
    try self[key]?.importedTokens()
  }

  /// A price in dollars; nil if it is absent.
  func rate(_ key: String, _ unit: PriceUnit) throws(ImportRefusal) -> Rate? {
    try self[key]?.importedRate(unit)
  }
}

/// What a price of an imported list is for.
enum PriceUnit {
  /// One token, as litellm states it.
  case token
  /// A million tokens.
  case millionTokens
  /// One call: a search, a request.
  case call
  /// A thousand calls.
  case thousandCalls

  /// The dearest that is believed, in pico-dollars for one: a cent for a token, a hundred dollars for a call.
  fileprivate var dearest: Int64 {
    switch self {
    case .token, .millionTokens: 10_000_000_000
    case .call, .thousandCalls: 100_000_000_000_000
    }
  }
}

extension JSONField {
  /// An exact price, from the digits of the text.
  ///
  /// - Throws: ``ImportRefusal`` with `tooFine` below a millionth of a dollar for a million, `absurd` beyond
  ///   what is believed or below zero, `malformed` for what is no number.
  func importedRate(_ unit: PriceUnit) throws(ImportRefusal) -> Rate {
    guard case .number(let text) = node.value else {
      throw ImportRefusal(fault("a number is expected, not \(node.kind)"))
    }
    let rate: Rate
    do {
      switch unit {
      case .token, .call: rate = try Rate(dollarsEach: text)
      case .millionTokens: rate = try Rate(dollarsPerMillion: text)
      case .thousandCalls: rate = try Rate(dollarsPerThousand: text)
      }
    } catch {
      switch error.reason {
      case .tooFine:
        // Sixteen digits and more are what is left of a short decimal in binary arithmetic.
        let spoilt = text.prefix { $0 != "e" && $0 != "E" }.count(where: \.isNumber) > 15
        throw ImportRefusal(
          .tooFine,
          "'\(path)' is \(InputError.quoted(text)), "
            + (spoilt ? "a rounding error of its source" : "finer than a millionth of a dollar for a million")
            + "; state it by hand")
      case .malformed, .negative, .tooLarge:
        throw ImportRefusal(.absurd, "'\(path)' is \(InputError.quoted(text)): no price is")
      }
    }
    guard rate.picodollars <= unit.dearest else {
      throw ImportRefusal(
        .absurd, "'\(path)' is \(InputError.quoted(text)): too much for a price; see which unit is meant")
    }
    return rate
  }

  /// A whole number of tokens, 1...10¹²; a fraction of zero, as in `256000.0`, is allowed.
  func importedTokens(atLeast least: Int64 = 1) throws(ImportRefusal) -> Int {
    guard case .number(let text) = node.value else {
      throw ImportRefusal(fault("a whole number is expected, not \(node.kind)"))
    }
    guard let value = try? DecimalText.parse(text, scale: 0, remainder: .refused),
      (least...1_000_000_000_000).contains(value)
    else {
      throw ImportRefusal(.absurd, "'\(path)' is \(InputError.quoted(text)): no number of tokens is")
    }
    return Int(value)
  }
}
