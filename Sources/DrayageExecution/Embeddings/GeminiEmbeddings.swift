import Drayage
package import DrayageCore

/// The Gemini API's embeddings.
///
/// Wire format: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents, at most 100 texts at
/// once. Vertex AI has other methods, which are not spoken here. A text that is too long for the model is cut
/// there without a word.
///
/// The purpose is a task type; models from `gemini-embedding-2` on take none, and are told by documented
/// words before the text (https://ai.google.dev/gemini-api/docs/embeddings).
package struct GeminiEmbeddings: EmbeddingDialect {
  package init() {}

  package var chat: any Dialect { GeminiGenerate() }

  package func request(_ call: EmbeddingCall, to target: Target) throws(Rejection) -> HTTPRequest {
    try call.check(mostTexts: 100)
    guard !GeminiGenerate.isVertex(target) else { throw .inexpressible("embeddings at Vertex AI") }
    let model = GeminiModel(target.offer.wireModel).name
    let takesTask = !model.hasPrefix("gemini-embedding-") || model.hasPrefix("gemini-embedding-0")
    let task: String? =
      switch call.request.purpose {
      case .query: "\"RETRIEVAL_QUERY\""
      case .document: "\"RETRIEVAL_DOCUMENT\""
      case nil: nil
      }
    let words: String =
      switch call.request.purpose {
      case .query: "task: search result | query: "
      case .document: "title: none | text: "
      case nil: ""
      }
    let requests = call.request.texts.map { text in
      JSONText.object([
        "model": JSONText.quoted("models/" + model),
        "content": JSONText.object([
          "role": "\"user\"",
          "parts": JSONText.array([
            JSONText.object(["text": JSONText.quoted(takesTask ? text : words + text)])
          ]),
        ]),
        "taskType": takesTask ? task : nil,
        "outputDimensionality": call.request.dimensions.map { String($0) },
      ])
    }
    return call.post(
      JSONText.object(["requests": JSONText.array(requests)]),
      to: GeminiGenerate.url(target, method: "batchEmbedContents"),
      fields: GeminiGenerate.fields(target, accept: "application/json"), target: target)
  }

  package func answer(
    in reply: HTTPReply, to request: EmbeddingRequest
  ) throws(AttemptFailure) -> EmbeddingAnswer {
    let node = try VectorReading.object(reply.body)
    let usage = VectorReading.usage(node["usageMetadata"]?["promptTokenCount"])
    guard case .array(let items)? = node["embeddings"]?.value else {
      throw AttemptFailure(.malformed, "the answer holds no vectors", usage: usage)
    }
    let nodes = items.compactMap { $0["values"] }
    return EmbeddingAnswer(
      vectors: try VectorReading.vectors(nodes, for: request, usage: usage), usage: usage)
  }
}
