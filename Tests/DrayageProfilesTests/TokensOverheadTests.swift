import Testing

@testable import DrayageProfiles

@Suite struct TokensOverheadTests {
  @Test func `messages cost what the cookbook says`() {
    // Six messages, four of them with a name, as in the cookbook's example: 3 x 6 + 4 + 3.
    #expect(RequestOverhead.openAI.estimate(messages: 6, names: 4).expected == 25)
    #expect(RequestOverhead.anthropic.estimate(messages: 2).expected == 7)
    #expect(RequestOverhead.openAI.estimate(messages: 0, tools: 2).expected == 3 + 2 * 7 + 12)
  }

  @Test func `absurd numbers of messages do not overflow`() {
    for overhead in [RequestOverhead.openAI, .anthropic, .gemini, .template] {
      let estimate = overhead.estimate(messages: .max, names: .max, tools: .max)
      #expect(estimate.expected > 0 && estimate.high <= estimate.bound)
      #expect(overhead.estimate(messages: -5, names: .min, tools: -1).expected == overhead.perRequest)
    }
  }

  @Test(arguments: [
    ("gpt-4o", 1_024, 1_024, 765), ("gpt-4o", 2_048, 4_096, 1_105), ("gpt-4o-mini", 512, 512, 8_500),
    ("gpt-4.1-mini", 1_024, 1_024, 1_659), ("o4-mini", 1_800, 2_400, 2_498), ("gpt-5", 512, 512, 210),
    ("gpt-6-astra", 1_024, 1_024, 1_229), ("gpt-6-astra", 4_032, 3_024, 14_364),
    ("claude-sonnet-4-5", 200, 200, 54), ("claude-sonnet-4-5", 1_000, 1_000, 1_334),
    ("claude-sonnet-4-5", 4_000, 3_000, 1_600), ("gemini-2.5-flash", 384, 384, 258),
    ("gemini-2.5-flash", 960, 540, 6 * 258), ("gemini-3.8-flash", 4_000, 3_000, 1_120),
  ])
  func `images cost what the documentation says`(model: String, width: Int, height: Int, tokens: Int) {
    #expect(ImageRule(model: model).estimate(width: width, height: height).expected == tokens)
  }

  @Test func `any size and model gives ordered, finite numbers, and the unknown rule the largest`() {
    let sizes = [Int.min, -1, 0, 1, 31, 32, 33, 384, 385, 1_568, 8_000, 1_000_000, Int.max]
    for width in sizes {
      for height in sizes {
        for detail in [ImageRule.Detail.low, .standard, .high] {
          let unknown = ImageRule.unknown.estimate(width: width, height: height, detail: detail)
          for rule in ImageRule.known {
            let estimate = rule.estimate(width: width, height: height, detail: detail)
            #expect(estimate.expected >= 1 && estimate.high <= estimate.bound)
            #expect(estimate.expected <= unknown.expected && estimate.bound <= unknown.bound)
          }
        }
      }
    }
  }
}
