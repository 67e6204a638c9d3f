internal import DrayageCore

/// A key of litellm's list that states the price of a token meter, such as
/// `cache_creation_input_token_cost_above_1hr_above_200k_tokens_batches`.
struct LitellmPriceKey {
  let meter: Meter
  /// The input tokens above which it holds; nil if it always does.
  let size: Int?
  /// The service it is for; nil for the standard one.
  let service: String?

  /// nil if `key` is no such key.
  init?(_ key: String) {
    let stems: [(stem: String, meter: Meter)] = [
      ("input_cost_per_token", .input), ("output_cost_per_token", .output),
      ("cache_read_input_token_cost", .cacheRead), ("cache_creation_input_token_cost", .cacheWrite),
    ]
    guard let known = stems.first(where: { key.hasPrefix($0.stem) }) else { return nil }
    var meter = known.meter
    var rest = key.dropFirst(known.stem.count)
    if meter == .cacheWrite, let hours = Self.number(after: "_above_", before: "hr", in: &rest) {
      guard let extended = Meter.cacheWrite(hours: hours) else { return nil }
      meter = extended
    }
    size = Self.number(after: "_above_", before: "k_tokens", in: &rest).map { $0 * 1_000 }
    if rest.isEmpty {
      service = nil
    } else {
      guard let name = Self.services[String(rest)] else { return nil }
      service = name
    }
    self.meter = meter
  }

  /// Takes a number of at most six digits off `text`, if it stands there between the two; else nothing.
  private static func number(after head: String, before tail: String, in text: inout Substring) -> Int? {
    guard text.hasPrefix(head) else { return nil }
    let rest = text.dropFirst(head.count)
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard rest.dropFirst(digits.count).hasPrefix(tail), digits.count <= 6, let number = Int(digits) else {
      return nil
    }
    text = rest.dropFirst(digits.count + tail.count)
    return number
  }

  private static let services = [
    "_batches": "batch", "_flex": "flex", "_priority": "priority", "_balanced": "balanced",
    "_ultrafast": "ultrafast",
  ]
}
