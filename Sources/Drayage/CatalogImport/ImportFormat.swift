/// A public price list that can be imported, by the name of the project that keeps it.
public enum ImportFormat: String, Hashable, CaseIterable, Sendable {
  /// litellm's `model_prices_and_context_window.json`: an object of entries, in dollars per token.
  case litellm
  /// genai-prices' `data.json`: providers with their models, in dollars per million tokens; a list, or an
  /// object that has the list as `providers`.
  case genaiPrices = "genai-prices"
  /// models.dev's `api.json`: providers by name with their models by name, in dollars per million tokens.
  case modelsDev = "models.dev"
}
