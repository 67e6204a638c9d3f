/// A profile of a kind that is not known here: kept as it is, and passed on.
struct UnknownPayload {
  let kind: String
  /// Its data as canonical JSON text.
  let json: String
}

extension JSONNode {
  /// The value as JSON text without spaces, keys in the order of their bytes, numbers as they were written.
  var canonical: String {
    switch value {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .number(let text): text
    case .string(let text): JSONText.quoted(text)
    case .array(let elements): JSONText.array(elements.map(\.canonical))
    case .object(let members):
      "{"
        + members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { JSONText.quoted($0.key) + ":" + $0.node.canonical }.joined(separator: ",") + "}"
    }
  }
}
