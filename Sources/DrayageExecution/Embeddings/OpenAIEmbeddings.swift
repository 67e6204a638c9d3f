import Drayage
package import DrayageCore

/// OpenAI's embeddings, which other providers speak with small differences.
///
/// Wire format: https://platform.openai.com/docs/api-reference/embeddings. These models embed questions and
/// documents alike, so that the purpose has no place and none is missed.
package struct OpenAIEmbeddings: EmbeddingDialect {
  /// Whose.
  package enum Provider: Hashable, Sendable {
    /// OpenAI.
    case openAI
    /// A resource on Azure (https://learn.microsoft.com/azure/ai-foundry/openai/reference): the model is a
    /// deployment, named in the address unless the base ends in `/v1`.
    case azure
    /// Mistral (https://docs.mistral.ai/api/#tag/embeddings).
    case mistral
    /// Together (https://docs.together.ai/reference/embeddings): no choice of dimensions or form.
    case together
  }

  private let provider: Provider

  package init(_ provider: Provider = .openAI) {
    self.provider = provider
  }

  package var chat: any Dialect { OpenAIChat() }

  package func request(_ call: EmbeddingCall, to target: Target) throws(Rejection) -> HTTPRequest {
    try call.check(mostTexts: EmbeddingLimits.texts)
    let dimensions = call.request.dimensions.map { String($0) }
    if dimensions != nil, provider == .together { throw .inexpressible("dimensions") }
    let body = JSONText.object([
      "model": JSONText.quoted(target.offer.wireModel),
      "input": JSONText.array(call.request.texts.map { JSONText.quoted($0) }),
      "dimensions": provider == .mistral ? nil : dimensions,
      "output_dimension": provider == .mistral ? dimensions : nil,
      // A third of the size of numbers written out, and exact.
      "encoding_format": provider == .together ? nil : "\"base64\"",
    ])
    var fields: HTTPFields = ["content-type": "application/json", "accept": "application/json"]
    if let key = target.key {
      if provider == .azure {
        fields.append(key, for: "api-key")
      } else {
        target.authorize(&fields)
      }
    }
    return call.post(body, to: url(target), fields: fields, target: target)
  }

  private func namesDeployment(_ target: Target) -> Bool {
    provider == .azure && !target.url("").hasSuffix("/v1")
  }

  private func url(_ target: Target) -> String {
    guard namesDeployment(target) else { return target.url("/embeddings") }
    let base = target.url("").hasSuffix("/openai") ? "" : "/openai"
    let deployment = URLText.encoded(target.offer.wireModel)
    return target.url("\(base)/deployments/\(deployment)/embeddings?api-version=2024-10-21")
  }

  package func answer(
    in reply: HTTPReply, to request: EmbeddingRequest
  ) throws(AttemptFailure) -> EmbeddingAnswer {
    let node = try VectorReading.object(reply.body)
    let usage = VectorReading.usage(node["usage"]?["prompt_tokens"])
    guard let items = node["data"]?.elements.map(Array.init) else {
      throw AttemptFailure(.malformed, "the answer holds no vectors", usage: usage)
    }
    // In the order of their numbers; without numbers, as they stand.
    var ordered: [Int: JSONNode] = [:]
    for (place, item) in items.enumerated() {
      let index = item["index"] == nil ? place : item["index"]?.integer
      guard let index, items.indices.contains(index), let vector = item["embedding"],
        ordered.updateValue(vector, forKey: index) == nil
      else { throw AttemptFailure(.malformed, "the vectors of the answer are numbered wrong", usage: usage) }
    }
    let nodes = ordered.sorted { $0.key < $1.key }.map(\.value)
    return EmbeddingAnswer(
      vectors: try VectorReading.vectors(nodes, for: request, usage: usage), model: node["model"]?.string,
      usage: usage)
  }
}
