internal import DrayageCore

/// Reads genai-prices' `data.json`.
enum GenaiPricesReader {
  /// What each model of each provider says, or why it is not imported.
  ///
  /// - Throws: ``InputError`` if the list as a whole has another shape.
  static func read(_ root: JSONField, checked: UTCInstant) throws(InputError) -> [ImportReading] {
    var providers = root
    if root.node.isObject {
      guard let list = try ImportObject(root)["providers"] else {
        throw root.fault("'providers' is missing: this is no list of genai-prices", .missing)
      }
      providers = list
    }
    var readings: [ImportReading] = []
    for field in try providers.elements() {
      let provider = try ImportObject(field)
      guard let id = provider["id"], let models = provider["models"] else {
        throw field.fault("'id' or 'models' is missing: this is no provider of genai-prices", .missing)
      }
      let listed = try id.name()
      let name = ImportNames.provider(listed, in: .genaiPrices)
      for entry in try models.elements() {
        // The place in a list would tell a reader less than the names.
        let model = entry.node["id"]?.string ?? entry.path
        readings.append(
          ImportReading(entry, names: listed, model) { () throws(ImportRefusal) in
            try draft(of: ImportObject(entry: entry), provider: name, checked: checked)
          })
      }
    }
    return readings
  }

  private static func draft(
    of entry: ImportObject, provider: String, checked: UTCInstant
  ) throws(ImportRefusal) -> OfferDraft {
    guard let id = try entry.text("id") else { throw ImportRefusal(.malformed, "'id' is missing") }
    // What is bound to a region costs the same in each; the list has one name for all of them.
    let regional = "regional."
    let model = provider == "bedrock" && id.hasPrefix(regional) ? "us." + id.dropFirst(regional.count) : id
    var draft = OfferDraft(provider: provider, wireModel: model)
    draft.limits.input = draft.optional("context_window") { () throws(ImportRefusal) in
      try entry.tokens("context_window")
    }
    if try entry.flag("deprecated") == true {
      draft.remark("deprecated", "it is deprecated, and not said until when it is sold")
    }
    draft.sheets = try sheets(of: entry, checked: checked, &draft)
    return draft
  }
}
