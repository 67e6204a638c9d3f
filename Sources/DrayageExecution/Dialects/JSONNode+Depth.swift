import Drayage

extension JSONNode {
  /// How deep lists and objects nest; 0 for a plain value.
  var depth: Int {
    switch value {
    case .array(let elements): 1 + (elements.reduce(0) { max($0, $1.depth) })
    case .object(let members): 1 + (members.reduce(0) { max($0, $1.node.depth) })
    case .null, .bool, .number, .string: 0
    }
  }
}
