import DrayageTesting
import Foundation
import Testing

@testable import DrayageProfiles

@Suite struct TokensEstimateTests {
  @Test func `every family has a coefficient for every counter`() {
    for family in TokenFamily.all {
      for row in family.rows { #expect(row.count == RunFeature.count, "\(family.name)") }
      for row in family.rows { #expect(row.allSatisfy { $0 >= 0 && $0.isFinite }, "\(family.name)") }
    }
  }

  /// Counts by the published tokenizers, for a sentence and a line of code.
  @Test(arguments: [
    ("The quick brown fox jumps over the lazy dog, and then it sleeps until the next morning.", 19),
    ("for index in 0..<count where values[index] > limit { total += values[index] }", 20),
  ])
  func `common texts are estimated within a fifth`(text: String, tokens: Int) {
    for family in [TokenFamily.cl100k, .o200k, .llama3] {
      let estimate = TokenEstimator(family).estimate(text)
      #expect(abs(Double(estimate.expected) / Double(tokens) - 1) < 0.2, "\(family.name) \(estimate)")
    }
  }

  @Test func `an empty text has no tokens, any other at least one`() {
    for family in TokenFamily.all {
      #expect(TokenEstimator(family).estimate("") == .zero)
      #expect(TokenEstimator(family).estimate("a").expected >= 1)
      #expect(TokenEstimator(family).estimate("\u{0}").expected >= 1)
    }
  }

  @Test(arguments: 0..<100)
  func `expected, high and bound are in order, and the unknown family is the largest`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let runs = TextRuns(random.text(length: Int.random(in: 1..<400, using: &random)))
    let unknown = TokenEstimator(.unknown).estimate(runs)
    for family in TokenFamily.all {
      let estimate = TokenEstimator(family).estimate(runs)
      #expect(estimate.expected <= estimate.high && estimate.high <= estimate.bound, "seed \(seed)")
      #expect(estimate.bound <= unknown.bound, "seed \(seed) \(family.name)")
      if family.basis == .measured { #expect(estimate.expected <= unknown.expected, "seed \(seed)") }
    }
  }

  @Test func `no character grows more under normalization than the bounds say`() {
    for value in UInt32(0x80)..<0x110000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = String(Character(scalar))
      let canonical = text.precomposedStringWithCanonicalMapping.utf8.count
      let compatible = text.precomposedStringWithCompatibilityMapping.utf8.count
      if max(canonical, compatible) <= text.utf8.count { continue }
      let runs = TextRuns(text)
      #expect(canonical <= TokenEstimator(.qwen).bound(runs), "U+\(String(value, radix: 16))")
      #expect(compatible <= TokenEstimator(.claude).bound(runs), "U+\(String(value, radix: 16))")
    }
  }

  @Test(arguments: 0..<300)
  func `no text grows more under normalization than the bounds say`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let marks: [Unicode.Scalar] = [
      "\u{301}", "\u{323}", "\u{3099}", "\u{309A}", "\u{334}", "\u{93C}", "\u{11A8}",
    ]
    let letters = Array("がか가각éệｶﾞαάषक़ﷺ".unicodeScalars)
    var scalars = String.UnicodeScalarView()
    for _ in 0..<20 {
      scalars.append((Bool.random(using: &random) ? marks : letters).randomElement(using: &random) ?? "a")
    }
    let text = String(scalars)
    let runs = TextRuns(text)
    #expect(
      text.precomposedStringWithCanonicalMapping.utf8.count <= TokenEstimator(.qwen).bound(runs),
      "seed \(seed)")
    #expect(
      text.precomposedStringWithCompatibilityMapping.utf8.count <= TokenEstimator(.claude).bound(runs),
      "seed \(seed)")
  }

  @Test(arguments: [
    ("gpt-4", "cl100k"), ("gpt-4-turbo", "cl100k"), ("gpt-4o-mini", "o200k"), ("gpt-4.1", "o200k"),
    ("openai/gpt-5-mini", "o200k"), ("GPT-6-Astra", "o200k"), ("o3", "o200k"), ("claude-opus-4-5", "claude"),
    ("us.anthropic.claude-opus-5-v1:0", "claude4.7"), ("claude-haiku-4-5", "claude"),
    ("meta-llama/Llama-3.3-70B", "llama3"), ("llama-4-scout", "llama4"), ("qwen3-235b", "qwen"),
    ("qwen3.6-35b", "qwen3.5"), ("deepseek-v3.2", "deepseek"), ("mistral-large-2512", "tekken"),
    ("open-mistral-7b", "mistral"), ("gemini-2.5-pro", "gemini"), ("kimi-k3", "unknown"), ("", "unknown"),
    ("///...", "unknown"),
  ])
  func `a model's family follows from its name`(model: String, family: String) {
    #expect(TokenFamily(model: model).name == family)
  }

  @Test func `sums of estimates saturate`() {
    let huge = TokenEstimate(exactly: .max)
    #expect(huge + TokenEstimate(exactly: 1) == huge)
    #expect(TokenEstimate(expected: 5, high: 1, bound: 0) == TokenEstimate(exactly: 5))
  }
}
