import Drayage

extension JSONNode {
  /// What a provider sent; nil if it is not JSON, or nests deeper than ``ReplyLimits/depth``.
  static func reply(_ bytes: [UInt8]) -> JSONNode? {
    try? parse(bytes, file: "reply", mostDepth: ReplyLimits.depth)
  }

  /// How deep lists and objects nest; 0 for a plain value.
  var depth: Int {
    switch value {
    case .array(let elements): 1 + (elements.reduce(0) { max($0, $1.depth) })
    case .object(let members): 1 + (members.reduce(0) { max($0, $1.node.depth) })
    case .null, .bool, .number, .string: 0
    }
  }
}
