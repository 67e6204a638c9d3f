internal import Drayage
internal import DrayageCore

/// The part of JSON Schema to which Claude models can be held.
///
/// A schema beyond it is answered with status 400, after which no other offer would be tried: so it is refused
/// beforehand. https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema
/// limitations".
struct ClaudeSchema {
  /// The most schemas that are looked at.
  private static let most = 10_000
  private static let formats: Set<String> = [
    "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
  ]

  private let key: String
  private var seen = 0
  /// Which definitions each refers to.
  private var uses: [String: Set<String>] = [:]

  /// Refuses what is beyond it.
  ///
  /// - Parameter key: what to call the schema.
  /// - Throws: ``Rejection/inexpressible(_:)`` with the key and the first keyword that is not supported.
  static func check(_ schema: JSONFragment, key: String) throws(Rejection) {
    guard let node = try? JSONNode.parse(Array(schema.text.utf8), file: "") else {
      throw .inexpressible("\(key) that is not JSON")
    }
    var checker = ClaudeSchema(key: key)
    try checker.visit(node, within: "#")
    guard !checker.isRecursive else { throw .inexpressible("\(key) that refers to itself") }
  }

  private init(key: String) { self.key = key }

  private func refusal(_ keyword: String) -> Rejection {
    .inexpressible("\(key) with \(InputError.quoted(keyword))")
  }

  private mutating func visit(_ schema: JSONNode, within definition: String) throws(Rejection) {
    seen += 1
    guard seen <= Self.most, case .object(let members) = schema.value else { throw refusal("no object") }
    var isObject = schema["properties"] != nil
    for (name, node) in members.map({ ($0.key, $0.node) }) {
      switch name {
      case "title", "description", "default", "required", "$schema", "const", "pattern", "examples": continue
      case "type": isObject = isObject || node.string == "object"
      case "additionalProperties":
        guard case .bool(false) = node.value else { throw refusal(name) }
      case "enum":
        guard let values = node.elements, values.allSatisfy({ $0.depth == 0 }) else { throw refusal(name) }
      case "format":
        guard let format = node.string, Self.formats.contains(format) else { throw refusal(name) }
      case "minItems":
        guard let count = node.integer, (0...1).contains(count) else { throw refusal(name) }
      case "$ref":
        guard let reference = node.string,
          reference == "#" || reference.hasPrefix("#/$defs/") || reference.hasPrefix("#/definitions/")
        else { throw refusal(name) }
        uses[definition, default: []].insert(reference)
      case "items": try visit(node, within: definition)
      case "anyOf", "allOf":
        guard let schemas = node.elements else { throw refusal(name) }
        for schema in schemas { try visit(schema, within: definition) }
      case "properties":
        guard case .object(let properties) = node.value else { throw refusal(name) }
        for property in properties { try visit(property.node, within: definition) }
      case "$defs", "definitions":
        guard case .object(let definitions) = node.value else { throw refusal(name) }
        for entry in definitions { try visit(entry.node, within: "#/\(name)/\(entry.key)") }
      default: throw refusal(name)
      }
    }
    guard !isObject || schema["additionalProperties"] != nil else {
      throw .inexpressible("\(key) without 'additionalProperties': false")
    }
  }

  /// Whether a definition leads back to itself. In linear time (A. B. Kahn, "Topological sorting of large
  /// networks", 1962): definitions are taken away while one refers to none that is left.
  private var isRecursive: Bool {
    var left = uses.mapValues { $0.count { uses[$0] != nil } }
    var users: [String: [String]] = [:]
    for (definition, used) in uses {
      for reference in used { users[reference, default: []].append(definition) }
    }
    var done = left.filter { $0.value == 0 }.map(\.key)
    var taken = 0
    while let definition = done.popLast() {
      taken += 1
      for user in users[definition] ?? [] {
        left[user, default: 0] -= 1
        if left[user] == 0 { done.append(user) }
      }
    }
    return taken < uses.count
  }
}
