import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

struct EmbeddingTests {
  private func dialect(_ name: String?) throws -> any EmbeddingDialect {
    switch name {
    case "openai": OpenAIEmbeddings()
    case "azure": OpenAIEmbeddings(.azure)
    case "mistral": OpenAIEmbeddings(.mistral)
    case "together": OpenAIEmbeddings(.together)
    case "gemini": GeminiEmbeddings()
    case "cohere": CohereEmbeddings()
    default: try #require(Bool?.none.map { _ in OpenAIEmbeddings() })
    }
  }

  private func request(_ test: GoldenCase) throws -> EmbeddingRequest {
    guard case .array(let texts)? = test.node?["texts"]?.value else { return EmbeddingRequest([]) }
    return EmbeddingRequest(
      texts.compactMap(\.string), dimensions: test.node?["dimensions"]?.integer,
      purpose: test.node?["purpose"]?.string.flatMap(EmbeddingRequest.Purpose.init))
  }

  @Test(arguments: GoldenCase.all("embeddings"))
  func `golden cases`(_ test: GoldenCase) throws {
    let dialect = try dialect(test.node?["dialect"]?.string)
    let asked = try request(test)
    if test.kind == "embeddings" {
      // The packages put the version before the path where it is no part of the base.
      let path = test.node?["path"]?.string ?? ""
      let base = "http://localhost" + (path.hasPrefix("/v1") ? "/v1" : "")
      let target = try test.target(dialect.chat, baseURL: base)
      let found = try dialect.request(EmbeddingCall(asked, idempotencyKey: "k"), to: target)
      let sent = try #require(test.node?["sent"]).canonical()
      #expect(try JSONNode.parse(found.body, file: "").canonical() == sent)
      #expect(found.url.hasSuffix(path), "\(found.url)")
      if let header = test.node?["header"]?.string {
        #expect(found.fields[header]?.hasSuffix("test-key") == true)
      }
      return
    }
    let means = try #require(test.node?["means"])
    do throws(AttemptFailure) {
      let answer = try dialect.answer(in: .ok(test.bytes("reply")), to: asked)
      guard case .array(let rows)? = means["vectors"]?.value else {
        Issue.record("an answer where a failure is expected: \(answer)")
        return
      }
      let expected = rows.map { row -> [Float] in
        guard case .array(let values) = row.value else { return [] }
        return values.map { Float($0.double ?? .nan) }
      }
      #expect(answer.vectors == expected)
      #expect(answer.model == means["model"]?.string)
      #expect(answer.usage == means["input"]?.integer.map { MeteredUsage(TokenUsage(input: $0, output: 0)) })
    } catch {
      #expect(error.kind.rawValue == means["failure"]?.string, "\(error.message)")
    }
  }

  @Test func `there are golden cases`() {
    #expect(GoldenCase.all("embeddings").count > 20)
  }

  private func refusal(
    _ dialect: any EmbeddingDialect, _ request: EmbeddingRequest, baseURL: String = "http://localhost"
  ) throws -> String {
    let target = try Target.offering(dialect.chat, model: "m", baseURL: baseURL)
    let call = EmbeddingCall(request, idempotencyKey: "k")
    let error = #expect(throws: Rejection.self) { try dialect.request(call, to: target) }
    return error?.description ?? "accepted"
  }

  @Test func `what a provider does not take is refused`() throws {
    let one = ["one"]
    let all: [any EmbeddingDialect] = [
      OpenAIEmbeddings(), OpenAIEmbeddings(.azure), OpenAIEmbeddings(.mistral), OpenAIEmbeddings(.together),
      GeminiEmbeddings(), CohereEmbeddings(),
    ]
    for dialect in all {
      #expect(try refusal(dialect, EmbeddingRequest([], purpose: .query)).contains("no texts"))
      #expect(try refusal(dialect, EmbeddingRequest(["a", ""], purpose: .query)).contains("empty text"))
      #expect(
        try refusal(dialect, EmbeddingRequest(one, dimensions: 0, purpose: .query)).contains("dimensions"))
      let many = Array(repeating: "a", count: 1_025)
      #expect(try refusal(dialect, EmbeddingRequest(many, purpose: .query)).contains("more than"))
    }
    let many = { EmbeddingRequest(Array(repeating: "a", count: $0), purpose: .document) }
    #expect(try refusal(GeminiEmbeddings(), many(101)).contains("more than 100"))
    #expect(try refusal(CohereEmbeddings(), many(97)).contains("more than 96"))
    #expect(try refusal(CohereEmbeddings(), EmbeddingRequest(one)).contains("purpose"))
    #expect(
      try refusal(OpenAIEmbeddings(.together), EmbeddingRequest(one, dimensions: 8)).contains("dimensions"))
    let vertex = "https://aiplatform.googleapis.com/v1/projects/p/locations/l"
    #expect(try refusal(GeminiEmbeddings(), EmbeddingRequest(one), baseURL: vertex).contains("Vertex"))
  }

  @Test(arguments: [
    (
      "https://r.openai.azure.com",
      "https://r.openai.azure.com/openai/deployments/d%20e/embeddings?api-version=2024-10-21"
    ),
    (
      "https://r.openai.azure.com/openai/",
      "https://r.openai.azure.com/openai/deployments/d%20e/embeddings?api-version=2024-10-21"
    ),
    ("https://r.openai.azure.com/openai/v1", "https://r.openai.azure.com/openai/v1/embeddings"),
  ])
  func `on Azure the address names the deployment unless the base is of version 1`(base: String, url: String)
    throws
  {
    let dialect = OpenAIEmbeddings(.azure)
    let target = try Target.offering(dialect.chat, model: "d e", baseURL: base)
    let request = try dialect.request(EmbeddingCall(EmbeddingRequest(["a"]), idempotencyKey: "k"), to: target)
    #expect(request.url == url)
    #expect(request.fields["api-key"] == "test-key")
    #expect(request.fields["authorization"] == nil)
  }

  @Test func `errors are those of the chat`() {
    let body = Array(
      "{\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\",\"message\":\"API key not valid\"}}".utf8)
    #expect(GeminiEmbeddings().failure(status: 400, fields: [:], body: body).kind == .unauthorized)
    let cohere = CohereEmbeddings().failure(status: 402, fields: [:], body: [])
    #expect(cohere.kind == .quotaExhausted)
  }

  @Test func `hostile replies are malformed and nothing worse`() {
    let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    let bodies = [
      "", "null", "{", "{}", deep, "{\"data\":{}}", "{\"data\":[1,2]}", "{\"embeddings\":[[],[]]}",
      "{\"embeddings\":{\"float\":[{},1]}}",
      "{\"data\":[{\"index\":-1,\"embedding\":[1]},{\"index\":9e99,\"embedding\":[1]}]}",
      "{\"data\":[{\"embedding\":\"!!!!\"},{\"embedding\":\"\"}]}",
    ]
    let request = EmbeddingRequest(["one", "two"])
    let all: [any EmbeddingDialect] = [OpenAIEmbeddings(), GeminiEmbeddings(), CohereEmbeddings()]
    for dialect in all {
      for body in bodies {
        let failure = #expect(throws: AttemptFailure.self) {
          try dialect.answer(in: .ok(Array(body.utf8)), to: request)
        }
        #expect(failure?.kind == .malformed)
      }
    }
  }
}
