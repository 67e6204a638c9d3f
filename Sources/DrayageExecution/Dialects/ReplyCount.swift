import Drayage

/// Counts in a reply.
enum ReplyCount {
  /// The count that `node` states; `absent` if it states none; nil if it is no count, or more than any reply
  /// can mean. A whole number may be written with a fraction of zero, as some providers write all numbers.
  static func tokens(_ node: JSONNode?, absent: Int? = nil) -> Int? {
    guard let node else { return absent }
    if node.isNull { return absent }
    guard let value = node.double, value == value.rounded(), value >= 0, value <= Double(ReplyLimits.tokens)
    else { return nil }
    return Int(value)
  }
}
