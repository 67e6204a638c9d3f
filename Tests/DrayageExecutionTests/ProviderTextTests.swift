import Testing

@testable import DrayageExecution

struct ProviderTextTests {
  @Test(arguments: [
    "sk-abcdefgh", "sk-proj-Abc123_def456-ghi789", "sk-****abcd", "abcd***wxyz", "ab****",
    "gsk_1234567890abcdef", "xai-abcdefgh1",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv", "0123456789abcdef0123456789abcdef",
    "eyJhbGciOiJIUzI1NiJ9", "123e4567-e89b-12d3-a456-426614174000", "A1b2C3d4E5f6G7h8I9j0",
    "a1B2-c3D4e5F6g7H8-i9J0k1L2m3N4-o5P6q7R8s9T0",
  ])
  func `keys are hidden`(key: String) {
    for text in ["\(key)", "wrong key: \(key).", "'\(key)'", "key=\(key)", "a/\(key)/b", "\(key)\n\(key)"] {
      #expect(!ProviderText.shown(text).contains(key), "\(text)")
    }
    #expect(ProviderText.shown("Bearer abc") == "Bearer [hidden]")
  }

  @Test(arguments: [
    "The model `gpt-4o-mini-2024-07-18` does not exist",
    "accounts/fireworks/models/llama-v3p1-405b-instruct is unknown",
    "This model's maximum context length is 8192 tokens, see https://platform.openai.com/docs/models.",
    "Unknown name \"max_completion_tokens\": Cannot find field.", "qwen3-235b-a22b-instruct-2507 is busy", "",
  ])
  func `plain words are kept`(text: String) {
    #expect(ProviderText.shown(text) == text)
  }

  @Test func `text is cut, on one line and free of control characters`() {
    #expect(ProviderText.shown("a\u{1B}[31m\r\nb\u{2028}c\u{202E}d") == "a [31m  b c d")
    #expect(ProviderText.shown(String(repeating: "ab ", count: 5_000)).count == 300)
    #expect(ProviderText.shown(String(repeating: "e\u{301}", count: 5_000)).unicodeScalars.count == 300)
    // A key across the end of what is looked at.
    let key = "sk-abcdefghijklmnop"
    let shown = ProviderText.shown(
      String(repeating: "\(key) ", count: 199) + String(repeating: key, count: 99))
    #expect(!shown.contains("sk-"))
  }

  @Test func `a word is cut by scalars and free of control characters`() {
    #expect(ProviderText.word("sto\u{7F}p\u{1B}") == "stop")
    // One character for Swift, a megabyte for the caller.
    let word = "e" + String(repeating: "\u{301}", count: 500_000)
    #expect(ProviderText.word(word).unicodeScalars.count == 80)
    #expect(AnthropicMessages.finish(word).name.unicodeScalars.count == 80)
    #expect(BedrockConverse.finish(word).name.unicodeScalars.count == 80)
  }
}
