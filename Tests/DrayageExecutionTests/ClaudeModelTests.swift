import Drayage
import Testing

@testable import DrayageCore
@testable import DrayageExecution

struct ClaudeModelTests {
  @Test(arguments: [
    ("claude-opus-5-5", ClaudeModel.Line.opus, 5, 5), ("claude-sonnet-5", .sonnet, 5, 0),
    ("claude-haiku-4-5-20251001", .haiku, 4, 5), ("claude-opus-4-20250514", .opus, 4, 0),
    ("global.anthropic.claude-haiku-4-5-20251001-v1:0", .haiku, 4, 5),
    ("us.anthropic.claude-opus-4-6-v1", .opus, 4, 6), ("anthropic/claude-fable-5-1", .fable, 5, 1),
    ("claude-3-7-sonnet-20250219", .sonnet, 3, 7), ("claude-opus-4-5@20251101", .opus, 4, 5),
    ("claude-mythos-preview", .mythos, 5, 0), ("claude-3-haiku-20240307", .haiku, 3, 0),
  ])
  func `a name is read`(name: String, line: ClaudeModel.Line, major: Int, minor: Int) throws {
    let model = try #require(ClaudeModel(name))
    #expect((model.line, model.major, model.minor) == (line, major, minor))
  }

  @Test(arguments: ["", "claude", "claude-", "claude-2.1", "gpt-5-opus", "minimax-m2", "claude-instant-1"])
  func `other names are not`(name: String) {
    #expect(ClaudeModel(name) == nil)
  }

  /// The list of https://platform.claude.com/docs/en/build-with-claude/thinking, "Sampling parameters".
  @Test func `models that take no sampling settings are known`() {
    for name in [
      "fable-5-1", "mythos-5-1", "fable-5", "mythos-5", "mythos-preview", "opus-5-5", "opus-5", "opus-4-8",
      "opus-4-7",
      "sonnet-5-5", "sonnet-5", "haiku-5-5",
    ] {
      #expect(ClaudeModel("claude-" + name)?.refusesSampling == true, "\(name)")
    }
    for name in ["opus-4-6", "sonnet-4-6", "haiku-4-5", "opus-4-5", "sonnet-4-5"] {
      #expect(ClaudeModel("claude-" + name)?.refusesSampling == false, "\(name)")
    }
  }

  @Test func `models that cannot be forced to call a tool are known`() {
    for name in ["fable-5-1", "opus-5-5", "sonnet-5-5", "fable-5-2"] {
      #expect(ClaudeModel("claude-" + name)?.canBeForcedToCall == false, "\(name)")
    }
    for name in ["fable-5", "opus-5", "sonnet-5", "haiku-5-5", "opus-4-8", "haiku-4-5"] {
      #expect(ClaudeModel("claude-" + name)?.canBeForcedToCall == true, "\(name)")
    }
  }

  @Test func `models that take an effort are known`() {
    for name in ["opus-4-5", "sonnet-4-6", "haiku-5-5", "opus-5-5"] {
      #expect(ClaudeModel("claude-" + name)?.takesEffort == true, "\(name)")
    }
    for name in ["sonnet-4-5", "haiku-4-5", "opus-4-1"] {
      #expect(ClaudeModel("claude-" + name)?.takesEffort == false, "\(name)")
    }
    #expect(ClaudeModel("claude-opus-4-5")?.thinksAdaptively == false)
  }

  @Test func `a deployment of another name is known by its model`() throws {
    let standard = try Offer(golden: try JSONNode.parse(Array("{}".utf8), file: "offer"))
    let offer = Offer(
      id: standard.id, wireModel: "my-deployment", model: "claude-opus-5-5", tariff: standard.tariff)
    var chat = ChatRequest("Hi", maxOutputTokens: 1)
    chat.temperature = 0
    let refusal = Rejection.inexpressible("temperature other than 1, for this model")
    #expect(throws: refusal) { try AnthropicRequest(chat, outputLimit: 1, streams: false, to: offer) }
    #expect(throws: refusal) { try BedrockRequest(chat, outputLimit: 1, to: offer) }
  }
}
