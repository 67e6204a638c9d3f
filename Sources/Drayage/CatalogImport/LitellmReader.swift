internal import DrayageCore

/// Reads litellm's `model_prices_and_context_window.json`.
enum LitellmReader {
  /// What each entry says, or why it is not imported.
  ///
  /// - Throws: ``InputError`` if the list as a whole has another shape.
  static func read(_ root: JSONField, checked: UTCInstant) throws(InputError) -> [ImportReading] {
    let list = try ImportObject(root)
    return list.keys.compactMap { key in
      // Not models: an explanation of the format, and patterns for unknown names.
      guard key != "sample_spec", key != "fallback_generalizations", let field = list[key] else { return nil }
      return ImportReading(field, names: key) { () throws(ImportRefusal) in
        try draft(of: ImportObject(entry: field), named: key, checked: checked)
      }
    }
  }

  private static func draft(
    of entry: ImportObject, named key: String, checked: UTCInstant
  ) throws(ImportRefusal) -> OfferDraft {
    let mode = try entry.text("mode")
    guard let mode, ["chat", "responses"].contains(mode) else {
      throw ImportRefusal(.notChat, mode.map { "its mode is \(InputError.quoted($0))" } ?? "it has no mode")
    }
    guard let listed = try entry.text("litellm_provider") else {
      throw ImportRefusal(.malformed, "'litellm_provider' is missing")
    }
    let provider = ImportNames.provider(listed, in: .litellm)
    var draft = OfferDraft(provider: provider, wireModel: wireModel(key, provider: provider))
    draft.onlyResponses = mode == "responses"
    draft.retires = draft.optional("deprecation_date") { () throws(ImportRefusal) in
      try entry.day("deprecation_date")
    }
    if let day = draft.retires, day <= checked { throw ImportRefusal(.retired, "since \(day.day)") }
    try readFacts(of: entry, into: &draft)
    try readPrices(of: entry, into: &draft)
    return draft
  }

  /// The key without the provider, where it begins with one.
  private static func wireModel(_ key: String, provider: String) -> String {
    guard let slash = key.firstIndex(of: "/"), slash != key.startIndex else { return key }
    let first = String(key[..<slash])
    return ImportNames.provider(first, in: .litellm) == provider
      ? String(key[key.index(after: slash)...]) : key
  }

  private static func readFacts(of entry: ImportObject, into draft: inout OfferDraft) throws(ImportRefusal) {
    for (key, capability) in capabilities { draft.take(capability, try entry.flag(key)) }
    // The list says so only of models that cannot.
    draft.take(.stream, try entry.flag("supports_native_streaming") ?? true)
    if try entry.flag("thinking_always_on") == true {
      draft.capabilities.formUnion([.reasoning, .alwaysReasons])
    }
    draft.limits.input = draft.optional("max_input_tokens") { () throws(ImportRefusal) in
      try entry.tokens("max_input_tokens")
    }
    draft.limits.output = draft.optional("max_output_tokens") { () throws(ImportRefusal) in
      try entry.tokens("max_output_tokens")
    }
    draft.limits.cacheMinimum = draft.optional("prompt_cache_min_tokens") { () throws(ImportRefusal) in
      try entry.tokens("prompt_cache_min_tokens")
    }
    draft.efforts =
      draft.optional("reasoning_effort_levels") { () throws(ImportRefusal) in
        try entry.names("reasoning_effort_levels")
      } ?? []
  }

  private static let capabilities: KeyValuePairs<String, Capability> = [
    "supports_vision": .image, "supports_image_input": .image, "supports_audio_input": .audio,
    "supports_video_input": .video, "supports_pdf_input": .pdf, "supports_function_calling": .tools,
    "supports_parallel_function_calling": .parallelTools, "supports_response_schema": .jsonSchema,
    "supports_reasoning": .reasoning, "supports_prompt_caching": .promptCache,
    "supports_web_search": .webSearch, "supports_computer_use": .computerUse,
  ]
}
