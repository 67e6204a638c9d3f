internal import DrayageCore

/// A value of a price file with its place, to be read as what it should be.
struct JSONField {
  let node: JSONNode
  /// The name of the file.
  let file: String
  /// The keys that lead to the value, such as `offers[0].rates[1].from`; empty for the whole file.
  let path: String

  /// A complaint about the value.
  func fault(_ message: String, _ code: InputError.Code = .value) -> InputError {
    InputError(code, file: file, line: node.line, key: path.isEmpty ? nil : path, message: message)
  }

  var isNull: Bool {
    if node.isNull { true } else { false }
  }

  func text() throws(InputError) -> String {
    guard case .string(let text) = node.value else {
      if case .number = node.value {
        throw fault("\(node.kind) is no exact decimal; write it as text, in double quotes")
      }
      throw fault("a text is expected, not \(node.kind)")
    }
    return text
  }

  /// A text that is not empty, has no control character and at most 200 bytes.
  func name() throws(InputError) -> String {
    let text = try text()
    guard (1...200).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
      throw fault("a name of 1 to 200 bytes is expected")
    }
    return text
  }

  func flag() throws(InputError) -> Bool {
    guard case .bool(let flag) = node.value else {
      throw fault("true or false is expected, not \(node.kind)")
    }
    return flag
  }

  /// The largest whole number that is read.
  static let mostCount = 1_000_000_000_000

  /// A whole number, `least`...10¹².
  func count(atLeast least: Int = 1) throws(InputError) -> Int {
    guard case .number(let text) = node.value else {
      throw fault("a whole number is expected, not \(node.kind)")
    }
    guard let value = Int(text), (least...Self.mostCount).contains(value) else {
      throw fault(
        "\(InputError.quoted(text)) is not a whole number of \(least) or more, at most a million million")
    }
    return value
  }

  func instant() throws(InputError) -> UTCInstant {
    let text = try text()
    do { return try UTCInstant(text) } catch { throw fault(error.description) }
  }

  func multiplier() throws(InputError) -> Multiplier {
    let text = try text()
    do { return try Multiplier(text) } catch { throw fault(error.description) }
  }

  func money() throws(InputError) -> Money {
    let text = try text()
    do { return try Money(decimal: text) } catch { throw fault(error.description) }
  }

  /// A rate in the unit that price lists state for `meter`.
  func rate(of meter: Meter) throws(InputError) -> Rate {
    let text = try text()
    do {
      switch meter {
      case .webSearch: return try Rate(dollarsPerThousand: text)
      case .request: return try Rate(dollarsEach: text)
      default: return try Rate(dollarsPerMillion: text)
      }
    } catch { throw fault(error.description) }
  }

  func meter(named key: String) throws(InputError) -> Meter {
    guard let meter = Meter(key) else {
      let known = [Meter.input, .output, .cacheRead, .cacheWrite, .webSearch, .request].map(\.key)
      throw fault(
        "no such meter is known; \(Spelling.advice(for: key, among: known + ["cache_write@1h"]))", .unknown)
    }
    return meter
  }

  /// The elements of a list.
  func elements() throws(InputError) -> [JSONField] {
    guard case .array(let nodes) = node.value else { throw fault("a list is expected, not \(node.kind)") }
    return nodes.enumerated().map { JSONField(node: $1, file: file, path: "\(path)[\($0)]") }
  }

  /// The names of a list, none twice; a single name stands for a list of one.
  func names() throws(InputError) -> [String] {
    if case .string = node.value { return [try name()] }
    var names: [String] = []
    for element in try elements() {
      let name = try element.name()
      guard !names.contains(name) else {
        throw element.fault("\(InputError.quoted(name)) is listed twice; remove one", .duplicate)
      }
      names.append(name)
    }
    return names
  }

  /// The members of an object whose keys are names of the file's own choosing; notes left out.
  func entries() throws(InputError) -> [(key: String, field: JSONField)] {
    guard case .object(let members) = node.value else {
      throw fault("an object is expected, not \(node.kind)")
    }
    return members.filter { $0.key != "note" }.map { ($0.key, member($0)) }
  }

  /// The members of an object whose keys are laid down.
  func fields() throws(InputError) -> JSONFields {
    JSONFields(of: self, try entries())
  }

  private func member(_ member: JSONNode.Member) -> JSONField {
    // A path goes into messages, and messages to terminals, which obey control characters.
    let scalars = member.key.unicodeScalars.prefix(60)
    let shown = String(
      String.UnicodeScalarView(scalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    return JSONField(node: member.node, file: file, path: path.isEmpty ? shown : "\(path).\(shown)")
  }
}

/// The members of an object that are still to be read.
struct JSONFields {
  private let owner: JSONField
  private var rest: [String: JSONField] = [:]
  private var order: [String] = []
  private var known: [String] = []

  fileprivate init(of owner: JSONField, _ entries: [(key: String, field: JSONField)]) {
    self.owner = owner
    for (key, field) in entries {
      rest[key] = field
      order.append(key)
    }
  }

  /// Removes and returns the member called `key`; nil if it is absent or null.
  mutating func take(_ key: String) -> JSONField? {
    known.append(key)
    guard let field = rest.removeValue(forKey: key), !field.isNull else { return nil }
    return field
  }

  /// Removes and returns the member called `key`, which must be there and not null.
  mutating func require(_ key: String) throws(InputError) -> JSONField {
    guard let field = take(key) else { throw owner.fault("'\(key)' is missing; add it", .missing) }
    return field
  }

  /// Removes and returns the member called `key`, which must be there; nil if it is null.
  mutating func requireOrNull(_ key: String) throws(InputError) -> JSONField? {
    guard rest[key] != nil else { return try require(key) }
    return take(key)
  }

  /// Refuses what has not been taken: a typing error must not become a silent default.
  func end() throws(InputError) {
    guard let key = order.first(where: { rest[$0] != nil }), let field = rest[key] else { return }
    throw field.fault(
      "no such key is known here; \(Spelling.advice(for: key, among: known.sorted()))", .unknown)
  }
}
