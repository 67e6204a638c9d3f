internal import DrayageCore

/// An offer that came of an import.
struct ImportedBlock: Sendable {
  /// How it stands to the catalog.
  enum Standing: Sendable {
    case new, confirmed, different
  }

  /// The file it belongs to.
  struct Place: Hashable, Comparable {
    let provider: String
    let endpoint: Endpoint?

    /// The name of the file: the provider's, and the dialect where a provider has a second one.
    var stem: String {
      let dialect = endpoint?.dialect.rawValue ?? ""
      let name = provider + (dialect == "openai-responses" ? "-responses" : "")
      return String(name.map { $0.isLetter || $0.isNumber || "._-".contains($0) ? $0 : "-" })
    }

    static func < (a: Place, b: Place) -> Bool { a.order < b.order }

    private var order: (String, String, String) {
      (provider, endpoint?.dialect.rawValue ?? "", endpoint?.baseURL ?? "")
    }
  }

  let provider: String
  let entry: CatalogFile.Entry<OfferBlock>
  let endpoint: Endpoint?
  var standing: Standing

  var path: String { "\(provider)/\(entry.value.id)" }
}

/// Gives the entries of a list their places beside a catalog, one after the other.
struct ImportPlacing {
  private let source: String
  private let checked: UTCInstant
  private let index: ImportIndex
  private(set) var blocks: [ImportedBlock] = []
  private(set) var disagreements: [ImportDisagreement] = []
  /// The key of the entry and the position of the block, by the offer's path.
  private var taken: [String: (key: String, position: Int)] = [:]

  init(source: String, checked: UTCInstant, catalog: Catalog) {
    self.source = source
    self.checked = checked
    index = ImportIndex(catalog)
  }

  /// Places the entry of `reading`; what became of it.
  mutating func place(_ reading: ImportReading) -> ImportedEntry {
    do throws(ImportRefusal) {
      var draft = try reading.result.get()
      let path = try place(&draft, of: reading)
      return ImportedEntry(
        key: reading.key, line: reading.line, offer: path,
        outcome: draft.remarks.isEmpty ? .whole : .part(draft.remarks))
    } catch {
      return ImportedEntry(key: reading.key, line: reading.line, offer: nil, outcome: .refused(error))
    }
  }

  /// Places a draft, adding to its remarks; the path of the offer.
  private mutating func place(
    _ draft: inout OfferDraft, of reading: ImportReading
  ) throws(ImportRefusal) -> String {
    let known = index.block(draft.wireModel, at: draft.provider)
    let name = known?.name ?? ImportNames.offer(draft.wireModel, at: draft.provider)
    guard OfferID(provider: draft.provider, name: name) != nil, draft.wireModel.utf8.count <= 200 else {
      throw ImportRefusal(
        .badName, "\(InputError.quoted("\(draft.provider)/\(name)")) cannot be the name of an offer")
    }
    var remarks = draft.remarks
    let block = try draft.block(
      named: name, model: known?.offers[0].model ?? index.model(draft.wireModel), known: known,
      source: source, checked: checked, remarks: &remarks)
    draft.remarks = remarks
    let path = "\(draft.provider)/\(name)"
    let tariff: Tariff
    do {
      tariff = try Tariff(name: path, origin: reading.key, sheets: block.sheets.map(\.value))
    } catch { throw ImportRefusal(.inexpressible, error.message) }
    if let first = taken[path] {
      let same = blocks[first.position].entry.value.sheets.map(\.value) == block.sheets.map(\.value)
      throw ImportRefusal(
        same ? .repeated : .contradictory,
        "the entry \(InputError.quoted(first.key)) is for \(path) too"
          + (same ? "" : ", at other prices, and came first; see which is right"))
    }
    var placed = ImportedBlock(
      provider: draft.provider,
      entry: CatalogFile.Entry(
        value: block, line: reading.line, key: reading.key, source: nil, checked: nil, unpriced: []),
      endpoint: known?.offers[0].endpoint
        ?? index.endpoint(of: draft.provider, onlyResponses: draft.onlyResponses) ?? draft.endpoint,
      standing: .new)
    if let known {
      let found = ImportComparison(
        known: known, draft: draft, block: block, tariff: tariff, checked: checked,
        entry: (reading.key, reading.line)
      ).disagreements
      placed.standing = found.isEmpty ? .confirmed : .different
      disagreements += found
    }
    taken[path] = (reading.key, blocks.count)
    blocks.append(placed)
    return path
  }
}
