/// In what a provider departs from OpenAI's chat completions.
///
/// What is not known of a provider has the default: it is given the request as it is written.
///
/// An object, since every request asks for the same few.
final class OpenAIFlavor: Sendable {
  /// How the reasoning effort is said.
  enum Effort: Hashable, Sendable {
    /// `reasoning_effort` with the word.
    case word
    /// `reasoning` with the word as `effort`.
    case object
    /// `thinking` of the type `disabled` for `none`; `reasoning_effort` for any other word, and with it
    /// `thinking` of the type `enabled` where `says` is true.
    case thinking(says: Bool)
    /// `enable_thinking`, and `reasoning_effort` with the word unless it is `none`.
    case flag
  }

  /// The member that limits output, to be used whichever the request uses; nil leaves the request's own,
  /// and adds `max_completion_tokens` where there is none.
  let limit: String?
  /// How the reasoning effort is said.
  let effort: Effort
  /// Whether usage in a stream must be asked for by `stream_options`; where not, it comes unasked and the
  /// member is refused.
  let asksForUsage: Bool
  /// The header that names a service tier; nil for the member `service_tier`.
  let serviceHeader: String?
  /// The name of the seed.
  let seed: String
  /// The members of the top level that are accepted, others being an error; nil for all.
  let accepts: Set<String>?
  /// Members of the top level that are an error.
  let refuses: Set<String>
  /// The words accepted as `tool_choice`, a function by name being refused; nil for all.
  let toolChoices: Set<String>?
  /// Whether the role `developer` is understood; it is sent as `system` otherwise.
  let knowsDeveloper: Bool
  /// Whether messages other than those of tools may have a name.
  let knowsNames: Bool
  /// Whether messages of the assistant may carry what it reasoned, as answers here do; it is left out
  /// otherwise.
  let takesReasoning: Bool
  /// Whether `completion_tokens` leaves reasoning out where there is no total to tell.
  let countsReasoningApart: Bool
  /// Whether a stream may end without `[DONE]`.
  let endsWithoutDone: Bool

  init(
    limit: String? = nil, effort: Effort = .word, asksForUsage: Bool = true, serviceHeader: String? = nil,
    seed: String = "seed", accepts: Set<String>? = nil, refuses: Set<String> = [],
    toolChoices: Set<String>? = nil, knowsDeveloper: Bool = false, knowsNames: Bool = true,
    takesReasoning: Bool = true, countsReasoningApart: Bool = false, endsWithoutDone: Bool = false
  ) {
    self.limit = limit
    self.effort = effort
    self.asksForUsage = asksForUsage
    self.serviceHeader = serviceHeader
    self.seed = seed
    self.accepts = accepts
    self.refuses = refuses
    self.toolChoices = toolChoices
    self.knowsDeveloper = knowsDeveloper
    self.knowsNames = knowsNames
    self.takesReasoning = takesReasoning
    self.countsReasoningApart = countsReasoningApart
    self.endsWithoutDone = endsWithoutDone
  }
}

extension OpenAIFlavor {
  /// The flavor of a provider by its name in price files.
  static func of(provider: String) -> OpenAIFlavor { table[provider] ?? standard }

  /// That of a provider of whom nothing is known.
  static let standard = OpenAIFlavor()

  /// OpenAI's own: https://platform.openai.com/docs/api-reference/chat/create says of `max_tokens` that
  /// reasoning models refuse it.
  static let openAI = OpenAIFlavor(limit: "max_completion_tokens", knowsDeveloper: true)

  /// What is known of providers beyond the default.
  private static let table: [String: OpenAIFlavor] = [
    "openai": openAI,
    // https://learn.microsoft.com/azure/ai-foundry/openai/reference
    "azure": openAI,
    // OpenAI's models on https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html
    "bedrock": openAI,
    // Accepts what the official package (mistralai 3.7.0, ChatCompletionRequest) lists, and answers 422
    // `extra_forbidden` to the rest; names: https://github.com/BerriAI/litellm/issues/6696;
    // reasoning: https://github.com/BerriAI/litellm/issues/30835. Usage comes with the last chunk.
    "mistral": OpenAIFlavor(
      limit: "max_tokens", asksForUsage: false, seed: "random_seed",
      accepts: [
        "model", "messages", "temperature", "top_p", "max_tokens", "stream", "stop", "random_seed",
        "metadata", "response_format", "tools", "tool_choice", "presence_penalty", "frequency_penalty",
        "min_tokens", "repetition_penalty", "top_k", "logprobs", "top_logprobs", "prompt_logprobs",
        "top_prompt_logprobs", "n", "prediction", "parallel_tool_calls", "reasoning_effort", "prompt_mode",
        "guardrails", "prompt_cache_key", "service_tier", "safe_prompt",
      ], knowsNames: false, takesReasoning: false),
    // https://console.groq.com/docs/openai lists what is answered with 400; reasoning:
    // https://github.com/tashfeenahmed/freellmapi/issues/1070.
    "groq": OpenAIFlavor(
      limit: "max_completion_tokens", refuses: ["logprobs", "logit_bias", "top_logprobs"], knowsNames: false,
      takesReasoning: false),
    // https://docs.together.ai/docs/glm-5.3-quickstart
    "together": OpenAIFlavor(limit: "max_tokens"),
    // Reasoning tokens stand beside completion tokens, and the total holds both
    // (https://docs.rs/radkit/0.0.5/radkit/models/providers/struct.GrokLlm.html).
    "xai": OpenAIFlavor(countsReasoningApart: true),
    // https://openrouter.ai/docs/use-cases/reasoning-tokens
    "openrouter": OpenAIFlavor(effort: .object, knowsDeveloper: true),
    // https://api-docs.deepseek.com/guides/thinking_mode and
    // https://api-docs.deepseek.com/api/create-chat-completion
    "deepseek": OpenAIFlavor(limit: "max_tokens", effort: .thinking(says: true)),
    // https://docs.z.ai/guides/capabilities/thinking-mode; names, penalties, stream_options and tool choices
    // other than auto: https://java.agentscope.io/v2/en/integration/model/glm
    "zai": OpenAIFlavor(
      limit: "max_tokens", effort: .thinking(says: true), asksForUsage: false,
      refuses: ["frequency_penalty", "presence_penalty"], toolChoices: ["auto"], knowsNames: false),
    // https://www.alibabacloud.com/help/en/model-studio/deep-thinking
    "alibaba": OpenAIFlavor(limit: "max_tokens", effort: .flag),
    // https://java.agentscope.io/v2/en/integration/model/kimi and
    // https://platform.kimi.ai/docs/api/chat
    "moonshot": OpenAIFlavor(limit: "max_completion_tokens", effort: .thinking(says: false)),
    // https://ai.google.dev/gemini-api/docs/openai; refused as unknown names:
    // https://github.com/Vali-98/ChatterUI/issues/227, https://github.com/Routstr/routstr-core/issues/505,
    // https://github.com/MinLL/SkyrimNet-GamePlugin/issues/77
    "google": OpenAIFlavor(
      refuses: ["frequency_penalty", "seed", "store", "top_k", "reasoning"], countsReasoningApart: true),
    // https://docs.cloud.google.com/vertex-ai/generative-ai/docs/priority-paygo
    "vertex": OpenAIFlavor(
      serviceHeader: "x-vertex-ai-llm-shared-request-type", countsReasoningApart: true),
    // https://docs.cohere.com/docs/compatibility-api; stream_options:
    // https://strandsagents.com/docs/user-guide/concepts/model-providers/cohere/
    "cohere": OpenAIFlavor(limit: "max_tokens", asksForUsage: false),
    // https://deepinfra.com/docs/advanced/function_calling
    "deepinfra": OpenAIFlavor(toolChoices: ["auto", "none"]),
    // The official package (huggingface_hub, ChatCompletionInput) has no other.
    "huggingface": OpenAIFlavor(limit: "max_tokens"),
    // Ignores `max_completion_tokens` before https://github.com/ggml-org/llama.cpp/pull/19831.
    "llamacpp": OpenAIFlavor(limit: "max_tokens"),
    // https://docs.ollama.com/api/openai-compatibility
    "ollama": OpenAIFlavor(limit: "max_tokens"),
    // https://docs.databricks.com/machine-learning/foundation-model-apis/api-reference.html
    "databricks": OpenAIFlavor(limit: "max_tokens"),
    // Usage stands in every chunk, and `[DONE]` may be missing:
    // https://github.com/perplexityai/api-discussion/issues/209
    "perplexity": OpenAIFlavor(asksForUsage: false, endsWithoutDone: true),
    // https://inference-docs.cerebras.ai/support/rate-limits
    "cerebras": OpenAIFlavor(limit: "max_completion_tokens"),
  ]
}
