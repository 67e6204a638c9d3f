import DrayageCore

/// What the name of one of Google's models tells of how it is asked.
struct GeminiModel {
  /// The name without what other endpoints put before it, such as `models/`.
  let name: String
  /// The version as tenths, such as 25 for 2.5; nil if the name states none.
  let version: Int?

  init(_ wireModel: String) {
    var name = Substring(wireModel)
    for prefix in ["models/", "publishers/google/models/", "google/"] where name.hasPrefix(prefix) {
      name = name.dropFirst(prefix.count)
    }
    self.name = String(name)
    let rest = name.hasPrefix("gemini-") ? name.dropFirst(7) : ""
    let parts = rest.prefix { $0 != "-" }.split(separator: ".", omittingEmptySubsequences: false)
    if let first = parts.first, let major = Int(first), (0..<100).contains(major) {
      let minor = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
      version = major * 10 + min(max(minor, 0), 9)
    } else {
      version = nil
    }
  }

  /// Whether it is of version 3 or later. A name without a version, such as `gemini-flash-latest`, is.
  var isThirdGeneration: Bool { name.hasPrefix("gemini-") && version.map { $0 >= 30 } ?? true }

  /// The `thinkingConfig` of an effort.
  ///
  /// Version 3 and later take a level (https://ai.google.dev/gemini-api/docs/thinking), 2.5 a budget in
  /// tokens, for which Google's endpoint in OpenAI's format states what each effort comes to
  /// (https://ai.google.dev/gemini-api/docs/openai).
  func thinking(effort: String) throws(Rejection) -> String {
    if isThirdGeneration {
      guard ["minimal", "low", "medium", "high", "xhigh"].contains(effort) else {
        throw .inexpressible("the effort \(effort) of \(name)")
      }
      return "{\"thinkingLevel\":\"\(effort.uppercased())\"}"
    }
    let budget: Int? =
      switch effort {
      // The pro model of 2.5 cannot be kept from thinking.
      case "none": name.contains("pro") ? nil : 0
      case "minimal", "low": 1_024
      case "medium": 8_192
      case "high": 24_576
      default: nil
      }
    guard version == 25, let budget else { throw .inexpressible("the effort \(effort) of \(name)") }
    return "{\"thinkingBudget\":\(budget)}"
  }
}
