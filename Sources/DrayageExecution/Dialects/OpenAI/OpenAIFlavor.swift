/// In what a provider departs from OpenAI's chat completions.
///
/// What is not known of a provider has the default: it is given the request as it is written.
struct OpenAIFlavor: Hashable, Sendable {
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
  var limit: String?
  /// How the reasoning effort is said.
  var effort = Effort.word
  /// Whether usage in a stream must be asked for by `stream_options`; where not, it comes unasked and the
  /// member is refused.
  var asksForUsage = true
  /// The header that names a service tier; nil for the member `service_tier`.
  var serviceHeader: String?
  /// The name of the seed.
  var seed = "seed"
  /// The members of the top level that are accepted, others being an error; nil for all.
  var accepts: Set<String>?
  /// Members of the top level that are an error.
  var refuses: Set<String> = []
  /// The words accepted as `tool_choice`, a function by name being refused; nil for all.
  var toolChoices: Set<String>?
  /// Whether the role `developer` is understood; it is sent as `system` otherwise.
  var knowsDeveloper = false
  /// Whether messages other than those of tools may have a name.
  var knowsNames = true
  /// Whether messages of the assistant may carry what it reasoned, as answers here do; it is left out
  /// otherwise.
  var takesReasoning = true
  /// Whether `completion_tokens` leaves reasoning out where there is no total to tell.
  var countsReasoningApart = false
  /// Whether a stream may end without `[DONE]`.
  var endsWithoutDone = false
}

extension OpenAIFlavor {
  /// The flavor of a provider by its name in price files.
  init(provider: String) {
    self = Self.table[provider] ?? OpenAIFlavor()
  }

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
