import Testing

@testable import DrayageExecution

struct OpenAIChatGoldenTests {
  static let golden = OpenAIGolden("openai-chat") { OpenAIChat(provider: $0) }

  @Test(arguments: try golden.names("request-", "official-"))
  func `requests are sent as`(name: String) throws { try Self.golden.checkRequest(name) }

  @Test(arguments: try golden.names("reply-"))
  func `replies mean`(name: String) throws { try Self.golden.checkReply(name) }

  @Test(arguments: try golden.names("stream-"))
  func `streams mean`(name: String) throws { try Self.golden.checkStream(name) }
}

struct AzureOpenAIGoldenTests {
  static let golden = OpenAIGolden("azure-openai") { _ in AzureOpenAI() }

  @Test(arguments: try golden.names("request-", "official-"))
  func `requests are sent as`(name: String) throws { try Self.golden.checkRequest(name) }

  @Test(arguments: try golden.names("reply-"))
  func `replies mean`(name: String) throws { try Self.golden.checkReply(name) }

  @Test(arguments: try golden.names("stream-"))
  func `streams mean`(name: String) throws { try Self.golden.checkStream(name) }
}

struct OpenAIResponsesGoldenTests {
  static let golden = OpenAIGolden("openai-responses") { _ in OpenAIResponses() }

  @Test(arguments: try golden.names("request-", "official-"))
  func `requests are sent as`(name: String) throws { try Self.golden.checkRequest(name) }

  @Test(arguments: try golden.names("reply-"))
  func `replies mean`(name: String) throws { try Self.golden.checkReply(name) }

  @Test(arguments: try golden.names("stream-"))
  func `streams mean`(name: String) throws { try Self.golden.checkStream(name) }
}
