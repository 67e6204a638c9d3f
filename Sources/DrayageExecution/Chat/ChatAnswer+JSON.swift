internal import Drayage
internal import DrayageCore

extension ChatAnswer {
  /// The answer as OpenAI's chat completion.
  ///
  /// - Parameters:
  ///   - model: the name to give where the provider gave none.
  ///   - created: in Unix seconds.
  package func completion(model: String, created: Int64) -> String {
    JSONText.object([
      "id": JSONText.quoted(id ?? ""), "object": "\"chat.completion\"", "created": String(created),
      "model": JSONText.quoted(self.model ?? model),
      "choices": JSONText.array([
        JSONText.object([
          "index": "0", "message": message, "logprobs": "null", "finish_reason": JSONText.quoted(finish.name),
        ])
      ]),
      "usage": usage?.json,
    ])
  }

  private var message: String {
    JSONText.object([
      "role": "\"assistant\"",
      "content": text.isEmpty && (!toolCalls.isEmpty || refusal != nil) ? "null" : JSONText.quoted(text),
      "reasoning_content": reasoning.isEmpty ? nil : JSONText.quoted(reasoning),
      "refusal": refusal.map { JSONText.quoted($0) } ?? "null",
      "tool_calls": toolCalls.isEmpty ? nil : JSONText.array(toolCalls.map(\.json)),
    ])
  }
}

extension MeteredUsage {
  /// As OpenAI states usage: cached tokens are a part of the prompt, reasoning is one of the completion.
  package var json: String {
    let writes = besides.filter { $0.key.isInput }.values.reduce(tokens.cacheWrite, +)
    let prompt = tokens.input + tokens.cachedInput + writes
    return JSONText.object([
      "prompt_tokens": String(prompt), "completion_tokens": String(tokens.output),
      "total_tokens": String(prompt + tokens.output),
      "prompt_tokens_details": JSONText.object([
        "cached_tokens": String(tokens.cachedInput), "cache_write_tokens": String(writes),
      ]),
      "completion_tokens_details": JSONText.object(["reasoning_tokens": String(reasoning)]),
    ])
  }
}
