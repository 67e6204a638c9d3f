internal import DrayageCore

/// Reads models.dev's `api.json`.
enum ModelsDevReader {
  /// What each model of each provider says, or why it is not imported.
  ///
  /// - Throws: ``InputError`` if the list as a whole has another shape.
  static func read(_ root: JSONField) throws(InputError) -> [ImportReading] {
    let list = try ImportObject(root)
    var readings: [ImportReading] = []
    for name in list.keys {
      guard let field = list[name] else { continue }
      let provider = try ImportObject(field)
      guard let models = provider["models"] else {
        throw field.fault("'models' is missing: this is no list of models.dev", .missing)
      }
      let entries = try ImportObject(models)
      for model in entries.keys {
        guard let entry = entries[model] else { continue }
        readings.append(
          ImportReading(entry, names: name, model) { () throws(ImportRefusal) in
            var draft = try draft(
              of: ImportObject(entry: entry), named: model,
              provider: ImportNames.provider(name, in: .modelsDev))
            draft.endpoint = endpoint(of: provider)
            return draft
          })
      }
    }
    return readings
  }

  private static func draft(
    of entry: ImportObject, named name: String, provider: String
  ) throws(ImportRefusal) -> OfferDraft {
    var draft = OfferDraft(provider: provider, wireModel: name)
    let modalities = try entry.object("modalities")
    let writes = try modalities?.names("output") ?? []
    guard writes.contains("text") else {
      throw ImportRefusal(
        .notChat, "it answers with \(writes.isEmpty ? "what is not said" : writes.joined(separator: ", "))")
    }
    if modalities?["input"] != nil {
      let reads = try modalities?.names("input") ?? []
      for capability in [Capability.image, .audio, .video, .pdf] {
        draft.take(capability, reads.contains(capability.rawValue))
      }
    }
    draft.take(.tools, try entry.flag("tool_call"))
    draft.take(.jsonSchema, try entry.flag("structured_output"))
    draft.take(.reasoning, try entry.flag("reasoning"))
    // The list is one of models for a client that reads every answer as a stream.
    draft.capabilities.insert(.stream)
    draft.openWeights = try entry.flag("open_weights")
    if let status = try entry.text("status"), status == "deprecated" {
      draft.remark("status", "it is deprecated, and not said until when it is sold")
    }
    if let limit = try entry.object("limit") {
      func most(_ key: String) -> Int? {
        draft.optional("limit.\(key)") { () throws(ImportRefusal) in try limit.tokens(key) }
      }
      draft.limits.context = most("context")
      draft.limits.input = most("input")
      draft.limits.output = most("output")
    }
    guard let cost = try entry.object("cost") else { throw ImportRefusal(.noPrice, "it has no 'cost'") }
    draft.sheets = [try sheet(cost, of: entry, &draft)]
    return draft
  }
}
