import Drayage
package import DrayageCore

/// Cohere's embeddings, version 2.
///
/// Wire format: https://docs.cohere.com/v2/reference/embed, at most 96 texts at once. The purpose must be
/// stated. A text that is too long is refused: Cohere would cut it otherwise.
package struct CohereEmbeddings: EmbeddingDialect {
  package init() {}

  package var chat: any Dialect { CohereChat() }

  package func request(_ call: EmbeddingCall, to target: Target) throws(Rejection) -> HTTPRequest {
    try call.check(mostTexts: 96)
    let type: String
    switch call.request.purpose {
    case .query: type = "\"search_query\""
    case .document: type = "\"search_document\""
    case nil: throw .inexpressible("texts without a purpose")
    }
    let body = JSONText.object([
      "model": JSONText.quoted(target.offer.wireModel), "input_type": type,
      "texts": JSONText.array(call.request.texts.map { JSONText.quoted($0) }),
      "embedding_types": "[\"float\"]", "truncate": "\"NONE\"",
      "output_dimension": call.request.dimensions.map { String($0) },
    ])
    return call.post(
      body, to: CohereChat.url(target, "/embed"),
      fields: CohereChat.fields(target, accept: "application/json"), target: target)
  }

  package func answer(
    in reply: HTTPReply, to request: EmbeddingRequest
  ) throws(AttemptFailure) -> EmbeddingAnswer {
    let node = try VectorReading.object(reply.body)
    let meta = node["meta"]
    let usage = VectorReading.usage(
      meta?["billed_units"]?["input_tokens"] ?? meta?["tokens"]?["input_tokens"])
    let vectors = node["embeddings"]?["float"] ?? node["embeddings"]?["base64"]
    guard case .array(let nodes)? = vectors?.value else {
      throw AttemptFailure(.malformed, "the answer holds no vectors", usage: usage)
    }
    return EmbeddingAnswer(
      vectors: try VectorReading.vectors(nodes, for: request, usage: usage), usage: usage)
  }
}
