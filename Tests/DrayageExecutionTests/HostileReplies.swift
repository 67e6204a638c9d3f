import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

/// Replies that no provider should send.
enum HostileReplies {
  /// Damages each reply, error and stream of the golden cases in a few places, and reads it.
  static func damage(_ cases: [GoldenCase], by dialect: any Dialect, seed: Int) throws {
    var draws = Draws(state: UInt64(seed) &+ 0x9E37_79B9_7F4A_7C15)
    let test = try #require(cases.randomElement(using: &draws))
    let isStream = test.kind == "stream"
    var bytes = isStream ? try test.stream() : test.bytes(test.kind == "failure" ? "body" : "reply")
    guard !bytes.isEmpty else { return }
    let wrong = [
      "null", "-1", "1e400", "99999999999999999999", "[]", "{}", "\"\"", "true", "}", "\"\\ud800\"", "\u{0}",
    ]
    for _ in 0..<Int.random(in: 1...4, using: &draws) {
      let place = Int.random(in: 0..<bytes.count, using: &draws)
      switch Int.random(in: 0..<4, using: &draws) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &draws)
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &draws)))
      case 2: bytes.insert(contentsOf: Array((wrong.randomElement(using: &draws) ?? "").utf8), at: place)
      default: bytes.removeSubrange(place...)
      }
      if bytes.isEmpty { break }
    }
    let meaning =
      isStream
      ? try GoldenMeaning(stream: [bytes[...]], by: dialect) : GoldenMeaning(.ok(bytes), by: dialect)
    if case .answer(let answer, _) = meaning, let usage = answer.usage {
      #expect(usage.tokens.totalInput <= 3 * ReplyLimits.tokens, "seed \(seed), \(test.testDescription)")
      #expect(usage.tokens.output <= ReplyLimits.tokens, "seed \(seed), \(test.testDescription)")
    }
    let failure = dialect.failure(status: Int.random(in: 300...599, using: &draws), fields: [:], body: bytes)
    #expect(failure.message.unicodeScalars.count < 320, "seed \(seed), \(test.testDescription)")
    #expect(
      failure.message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
      "seed \(seed), \(test.testDescription)")
  }

  /// Replies nested beyond what is kept.
  static func checkDepth(_ dialect: any Dialect) {
    for depth in [99, 101, 127, 129, 100_000] {
      let text = "{\"x\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
      guard case .failure(.malformed, _, _) = GoldenMeaning(.ok(Array(text.utf8)), by: dialect) else {
        Issue.record("an answer nested \(depth) deep is read")
        continue
      }
      if depth >= 100 {
        var stream = dialect.stream()
        let failure = #expect(throws: AttemptFailure.self) {
          try stream.take(WireEvent(data: Array(text.utf8)))
        }
        #expect(failure?.kind == .malformed)
      }
      _ = dialect.failure(status: 429, fields: [:], body: Array(text.utf8))
    }
  }

  /// SplitMix64: the same draws for the same seed.
  private struct Draws: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }
}
