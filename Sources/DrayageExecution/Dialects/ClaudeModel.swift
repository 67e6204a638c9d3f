/// A model of Anthropic's, told from its name: what its generation takes, whoever sells it.
///
/// The facts are those of https://platform.claude.com/docs/en/build-with-claude/thinking and of the pages on
/// what is new in each model, such as https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5.
/// A later model is taken to be as its predecessors: sampling settings have not come back since they went.
struct ClaudeModel: Hashable {
  /// Its line.
  enum Line: String, CaseIterable {
    case opus, sonnet, haiku, fable, mythos
  }

  let line: Line
  let major: Int
  let minor: Int

  /// Reads names such as `claude-opus-5-5`, `us.anthropic.claude-haiku-4-5-20251001-v1:0` and
  /// `claude-3-7-sonnet-20250219`; nil for other models.
  init?(_ name: String) {
    guard let start = name.firstRange(of: "claude-")?.upperBound else { return nil }
    let words = name[start...].split(whereSeparator: { "-@:".contains($0) })
    guard let place = words.firstIndex(where: { Line(rawValue: String($0)) != nil }),
      let line = Line(rawValue: String(words[place]))
    else { return nil }
    // Longer numbers are dates.
    let after = words[(place + 1)...].prefix(while: { Int($0) != nil && $0.count < 3 })
    let numbers = (after.isEmpty ? words[..<place] : after).compactMap { Int($0) }
    self.line = line
    // The one name without a number is that of a preview of version 5.
    major = numbers.first ?? 5
    minor = numbers.dropFirst().first ?? 0
  }

  private func isAtLeast(_ major: Int, _ minor: Int) -> Bool { (self.major, self.minor) >= (major, minor) }

  /// Whether any temperature but 1, and top_p and top_k at all, are refused.
  var refusesSampling: Bool { isAtLeast(4, 7) }
  /// Whether it can be told to think as much as it sees fit (`thinking.type: adaptive`).
  var thinksAdaptively: Bool { isAtLeast(4, 6) }
  /// Whether it takes an effort.
  var takesEffort: Bool { isAtLeast(4, 6) || line == .opus && isAtLeast(4, 5) }
  /// Whether Anthropic lets one choose where it runs
  /// (https://platform.claude.com/docs/en/build-with-claude/data-residency).
  var takesRegion: Bool { isAtLeast(4, 6) }
  /// Whether it can be made to call a tool.
  var canBeForcedToCall: Bool { line == .haiku || !isAtLeast(5, 1) }
}
