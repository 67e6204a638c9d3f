import Drayage

/// The plainest value that a JSON schema allows, for answers that must keep to one.
///
/// Reads `type`, `enum`, `const`, `default`, `properties`, `items`, `minItems`, `minimum`, `minLength`, `anyOf`,
/// `oneOf`, `allOf` and references into the schema itself, with the types in lower or upper case. What else a
/// schema asks (patterns, formats, conditions) it does not heed.
struct SchemaInstance {
  private let root: JSONNode
  private var values = 0
  /// The most values made and the deepest nesting: schemas may refer to themselves.
  private static let mostValues = 10_000
  private static let deepest = 32

  /// An instance of `schema`.
  static func of(_ schema: JSONNode) -> JSONValue {
    var maker = SchemaInstance(root: schema)
    return maker.instance(of: schema, depth: 0)
  }

  private init(root: JSONNode) { self.root = root }

  private mutating func instance(of schema: JSONNode, depth: Int) -> JSONValue {
    values += 1
    guard depth < Self.deepest, values < Self.mostValues else { return .null }
    if let fixed = schema["const"] ?? schema["default"] { return JSONValue(fixed) }
    if case .array(let cases)? = schema["enum"]?.value, let first = cases.first { return JSONValue(first) }
    if let reference = schema["$ref"]?.string {
      return resolve(reference).map { instance(of: $0, depth: depth + 1) } ?? .null
    }
    for key in ["anyOf", "oneOf", "allOf"] {
      if case .array(let choices)? = schema[named: key]?.value, let first = choices.first {
        return instance(of: first, depth: depth + 1)
      }
    }
    switch type(of: schema) {
    case "object": return object(schema, depth)
    case "array":
      guard let items = schema["items"] else { return [] }
      let count = min(max(0, schema["minItems"]?.integer ?? 1), 100)
      return .array((0..<count).map { _ in instance(of: items, depth: depth + 1) })
    case "integer", "number":
      let least = schema["minimum"]?.double ?? 0
      return least == 0 ? 0 : .double(least)
    case "boolean": return true
    case "null": return .null
    default:
      let least = min(max(0, schema["minLength"]?.integer ?? 0), 10_000)
      return .string("simulated" + String(repeating: "-", count: max(0, least - "simulated".count)))
    }
  }

  private mutating func object(_ schema: JSONNode, _ depth: Int) -> JSONValue {
    guard case .object(let members)? = schema["properties"]?.value else { return [:] }
    var result: [(key: String, value: JSONValue)] = []
    for member in members { result.append((member.key, instance(of: member.node, depth: depth + 1))) }
    return .object(result)
  }

  /// The type, or the first of several, in lower case.
  private func type(of schema: JSONNode) -> String {
    if case .array(let types)? = schema["type"]?.value { return types.first?.string?.lowercased() ?? "" }
    if let type = schema["type"]?.string { return type.lowercased() }
    return schema["properties"] == nil ? "" : "object"
  }

  private func resolve(_ reference: String) -> JSONNode? {
    guard reference.hasPrefix("#") else { return nil }
    return reference.dropFirst().split(separator: "/").reduce(root) { node, key in node?[named: String(key)] }
  }
}

extension JSONValue {
  /// A value that was read.
  init(_ node: JSONNode) {
    switch node.value {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number(let text): self = Int(text).map { .int($0) } ?? .double(Double(text) ?? 0)
    case .string(let text): self = .string(text)
    case .array(let nodes): self = .array(nodes.map { JSONValue($0) })
    case .object(let members): self = .object(members.map { ($0.key, JSONValue($0.node)) })
    }
  }
}
