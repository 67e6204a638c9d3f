import Drayage

/// A count that a provider states.
enum StatedCount: Hashable {
  /// There is none, or it is null.
  case absent
  /// A believable one.
  case count(Int)
  /// Not a whole number, negative, or beyond ``ReplyLimits/tokens``.
  case absurd
}

extension JSONNode {
  /// The count under `key`.
  func statedCount(_ key: String) -> StatedCount {
    guard let node = self[named: key] else { return .absent }
    if node.isNull { return .absent }
    guard let count = node.integer, (0...ReplyLimits.tokens).contains(count) else { return .absurd }
    return .count(count)
  }
}
