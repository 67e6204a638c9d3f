internal import DrayageCore

/// Gives a draft its place among what is known, in the words of price files.
extension OfferDraft {
  /// The block that the draft becomes; what the list is silent about is taken from the block that is `known`.
  ///
  /// - Throws: ``ImportRefusal`` if a price cannot be expressed, or a name not used.
  func block(
    named name: String, model: String, known: ImportIndex.Known?, source: String, checked: UTCInstant,
    remarks: inout [ImportRemark]
  ) throws(ImportRefusal) -> OfferBlock {
    var sheets: [CatalogFile.Entry<RateSheet>] = []
    for sheet in self.sheets {
      let rules = try sheet.rules(remarks: &remarks)
      // A price to come is announced, and may not come.
      let planned = sheet.from.flatMap { $0 > checked ? $0 : nil }
      let rates = RateSheet(
        from: sheet.from, until: sheet.until, planned: planned, source: source, checked: checked,
        base: sheet.base, rules: rules)
      sheets.append(
        CatalogFile.Entry(value: rates, line: 1, key: "", source: source, checked: checked, unpriced: []))
    }
    let plain = self.sheets.last { ($0.from ?? checked) <= checked }?.base ?? [:]
    var capabilities = capabilities
    // Cached reads that cost less are evidence enough that prompts are cached.
    if let read = plain[.cacheRead], let input = plain[.input], read < input {
      capabilities.insert(.promptCache)
    }
    let old = known?.offers[0]
    if let old {
      let silent = old.capabilities.subtracting(lacking).subtracting(capabilities)
      capabilities.formUnion(silent)
    }
    return OfferBlock(
      id: name, wireModel: old?.wireModel ?? wireModel, model: model, aliases: old?.aliases ?? [],
      openWeights: openWeights ?? old?.openWeights ?? false,
      limits: OfferLimits(
        context: limits.context ?? (limits.input == nil ? old?.limits.context : nil),
        input: limits.input ?? (limits.context == nil ? old?.limits.input : nil),
        output: limits.output ?? old?.limits.output,
        cacheMinimum: limits.cacheMinimum ?? old?.limits.cacheMinimum, concurrency: old?.limits.concurrency),
      capabilities: capabilities, efforts: efforts.isEmpty ? known?.efforts ?? [] : efforts,
      retires: retires ?? old?.retires, replacement: nil, dataPolicy: old?.dataPolicy ?? DataPolicy(),
      sheets: sheets)
  }
}
