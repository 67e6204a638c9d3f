import Drayage

/// A JSON value to be written. Members of an object are written in the order of their keys.
indirect enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])
  /// A member that its object leaves out.
  case absent

  /// The value as JSON text.
  var bytes: [UInt8] {
    var out: [UInt8] = []
    write(to: &out)
    return out
  }

  /// The value as JSON text.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  private func write(to out: inout [UInt8]) {
    switch self {
    case .null, .absent: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .int(let value): out += String(value).utf8
    case .double(let value): out += JSONText.number(value).utf8
    case .string(let value): out += JSONText.quoted(value).utf8
    case .array(let values):
      out.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        value.write(to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let members):
      out.append(UInt8(ascii: "{"))
      var isFirst = true
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        if case .absent = value { continue }
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        out += JSONText.quoted(key).utf8
        out.append(UInt8(ascii: ":"))
        value.write(to: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(nilLiteral: ()) { self = .null }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(integerLiteral value: Int) { self = .int(value) }
  init(stringLiteral value: String) { self = .string(value) }
  init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { (key: $0, value: $1) })
  }

  /// The text, or `null` for none.
  init(_ text: String?) { self = text.map { .string($0) } ?? .null }
}
