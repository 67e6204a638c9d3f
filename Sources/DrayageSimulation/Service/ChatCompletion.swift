/// A reply in the shape of OpenAI's chat completions.
struct ChatCompletion: Encodable {
  struct Choice: Encodable {
    struct Message: Encodable {
      let role = "assistant"
      let content: String
    }

    let index = 0
    let message: Message
    let finishReason: String

    enum CodingKeys: String, CodingKey {
      case index, message
      case finishReason = "finish_reason"
    }
  }

  struct Usage: Encodable {
    let promptTokens: Int
    let completionTokens: Int
    let totalTokens: Int

    enum CodingKeys: String, CodingKey {
      case promptTokens = "prompt_tokens"
      case completionTokens = "completion_tokens"
      case totalTokens = "total_tokens"
    }
  }

  let id: String
  let object = "chat.completion"
  let created: Int
  let model: String
  let choices: [Choice]
  let usage: Usage
}

/// The list of models in OpenAI's shape.
struct ModelList: Encodable {
  struct Model: Encodable {
    let id: String
    let object = "model"
    let created: Int
    let ownedBy = "drayage-simulation"

    enum CodingKeys: String, CodingKey {
      case id, object, created
      case ownedBy = "owned_by"
    }
  }

  let object = "list"
  let data: [Model]
}
