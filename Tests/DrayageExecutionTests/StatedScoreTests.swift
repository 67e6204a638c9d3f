import DrayageCore
import Testing

@testable import DrayageExecution

@Suite struct StatedScoreTests {
  @Test(arguments: [("http://127.0.0.1:9/v1", 0.5), ("https://api.acme.test/v1", nil)])
  func `a score is believed only from an address of the user's own`(
    address: String, believed: Double?
  ) async throws {
    var offer = try anOffer("acme/m")
    offer.endpoint = Endpoint(dialect: .openAIChat, baseURL: "https://api.acme.test/v1")
    let transport = ScriptedTransport([
      ScriptedTransport.body(
        #"{"choices": [{"index": 0, "message": {"role": "assistant", "content": "yes"}}]}"#,
        fields: ["x-drayage-score": "0.5"])
    ])
    let call = Call(try RequestBody(ChatRequest("Hi")), maxOutputTokens: 5, idempotencyKey: "k")
    let end = try await Attempter(transport: transport).send(
      call, to: Target(offer: offer, dialect: OpenAIChat(), baseURL: address, key: nil))
    #expect(end.score == believed)
  }
}
