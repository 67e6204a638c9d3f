import Drayage

extension JSONNode {
  /// How deep lists and objects nest; 0 for a plain value.
  var depth: Int {
    switch value {
    case .array(let elements): 1 + (elements.map(\.depth).max() ?? 0)
    case .object(let members): 1 + (members.map(\.node.depth).max() ?? 0)
    case .null, .bool, .number, .string: 0
    }
  }
}
