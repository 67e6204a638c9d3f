/// Header fields in the order of the wire. Names are compared without regard to case, and may repeat.
///
/// Its descriptions show the names only: a value may be a secret.
public struct HTTPFields: Sendable, Hashable {
  /// The fields in order.
  public private(set) var entries: [(name: String, value: String)]

  /// The fields in `entries`.
  public init(_ entries: [(name: String, value: String)] = []) {
    self.entries = entries
  }

  /// No fields, with room for so many.
  init(reserving count: Int) {
    entries = []
    entries.reserveCapacity(count)
  }

  /// The first value of the field called `name`; nil if there is none. Setting replaces every field of that
  /// name, nil removes them.
  public subscript(name: String) -> String? {
    get { entries.first { HTTPFields.sameName($0.name, name) }?.value }
    set {
      entries.removeAll { HTTPFields.sameName($0.name, name) }
      if let newValue { append(newValue, for: name) }
    }
  }

  /// All values of the fields called `name`, in order.
  public func values(for name: String) -> [String] {
    entries.lazy.filter { HTTPFields.sameName($0.name, name) }.map(\.value)
  }

  /// Adds a field at the end, beside any other of the same name.
  public mutating func append(_ value: String, for name: String) {
    entries.append((name: name, value: value))
  }

  /// Continues the value of the last field, as an obsolete folded line does.
  mutating func continueLast(with text: String) {
    guard let last = entries.indices.last else { return }
    entries[last].value += entries[last].value.isEmpty ? text : " " + text
  }

  /// Equal when the entries are: same order, same spelling.
  public static func == (left: HTTPFields, right: HTTPFields) -> Bool {
    left.entries.elementsEqual(right.entries) { $0 == $1 }
  }

  /// Feeds names and values to `hasher`.
  public func hash(into hasher: inout Hasher) {
    for entry in entries {
      hasher.combine(entry.name)
      hasher.combine(entry.value)
    }
  }

  /// Whether two names differ at most in the case of ASCII letters.
  static func sameName(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
      && left.utf8.elementsEqual(right.utf8) { lowercased($0) == lowercased($1) }
  }

  /// Whether a name begins with `prefix`, but for the case of ASCII letters.
  static func name(_ name: String, beginsWith prefix: String) -> Bool {
    // Most names that are asked about begin with another letter.
    name.utf8.first.map(lowercased) == prefix.utf8.first.map(lowercased)
      && name.utf8.count >= prefix.utf8.count
      && zip(name.utf8, prefix.utf8).allSatisfy { lowercased($0) == lowercased($1) }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
  }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
  /// The fields of a literal, in its order; names may repeat.
  public init(dictionaryLiteral elements: (String, String)...) {
    self.init(elements.map { (name: $0.0, value: $0.1) })
  }
}

extension HTTPFields: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The names.
  public var description: String { "[" + entries.map(\.name).joined(separator: ", ") + "]" }
  /// The names.
  public var debugDescription: String { description }
  /// Without children: `dump` would show the values.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
