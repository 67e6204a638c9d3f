public import DrayageCore

/// A public price list held against a catalog: what it adds, where it disagrees, what it confirms.
///
/// Nothing is overwritten. Lists disagree with each other on a tenth of their offers and more, so what is new
/// and what is different are kept apart, and the caller says which of it ``files(accepting:)`` writes.
public struct CatalogImport: Sendable {
  /// What is taken over into price files.
  public enum Acceptance: Hashable, Sendable {
    /// Offers that the catalog does not have.
    case additions
    /// These offers, as `provider/name`: new ones, and such as disagree.
    case only(Set<String>)
    /// Every offer that came through and is not confirmed.
    case everything
  }

  /// What became of every entry of the list, in its order.
  public let entries: [ImportedEntry]
  /// The offers that the catalog does not have, as `provider/name`, in their order.
  public let additions: [String]
  /// The offers of which the list says nothing that the catalog does not say, in their order.
  public let identical: [String]
  /// What the list says otherwise, the largest differences first.
  public let disagreements: [ImportDisagreement]

  private let blocks: [ImportedBlock]
  private let source: (name: String, version: String)
  private let checked: UTCInstant

  /// Reads a list.
  ///
  /// - Parameters:
  ///   - source: the list.
  ///   - format: what kind of list it is.
  ///   - version: which version of the list it is; becomes part of the source of every price.
  ///   - checked: the day of the list; prices are compared as of then.
  ///   - catalog: what is known; it also gives names to models, and what lists are silent about.
  /// - Throws: ``InputError`` with the line and key of the first fault, if the list as a whole is unusable;
  ///   a fault in an entry refuses that entry alone.
  public init(
    reading source: CatalogSource, as format: ImportFormat, version: String, checked: UTCInstant,
    beside catalog: Catalog
  ) throws(InputError) {
    let root = try ImportText.parse(source)
    let readings =
      switch format {
      case .litellm: try LitellmReader.read(root, checked: checked)
      case .genaiPrices: try GenaiPricesReader.read(root, checked: checked)
      case .modelsDev: try ModelsDevReader.read(root)
      }
    guard readings.count <= ImportText.mostEntries else {
      throw InputError(
        .tooLarge, file: source.name,
        message:
          "a list of \(readings.count) entries is not read, at most \(ImportText.mostEntries); import a part")
    }
    guard !readings.isEmpty else {
      throw InputError(.empty, file: source.name, message: "there is no entry in it; see which format it has")
    }
    var placing = ImportPlacing(source: format.rawValue, checked: checked, catalog: catalog)
    entries = readings.map { placing.place($0) }
    blocks = placing.blocks
    self.source = (format.rawValue, version)
    self.checked = checked
    additions = blocks.filter { $0.standing == .new }.map(\.path).sorted()
    identical = blocks.filter { $0.standing == .confirmed }.map(\.path).sorted()
    disagreements = placing.disagreements.sorted {
      ($1.size, $0.offer, $0.subject) < ($0.size, $1.offer, $1.subject)
    }
  }

  /// The texts of price files with the offers that are accepted, one for each provider and kind of endpoint;
  /// empty if there are none.
  ///
  /// They lie over a catalog whole: an offer that is accepted replaces all of the catalog's offer.
  public func files(accepting acceptance: Acceptance = .additions) -> [CatalogSource] {
    let accepted = blocks.filter { block in
      switch acceptance {
      case .additions: block.standing == .new
      case .only(let names): names.contains(block.path)
      case .everything: block.standing != .confirmed
      }
    }
    let groups = Dictionary(grouping: accepted) {
      ImportedBlock.Place(provider: $0.provider, endpoint: $0.endpoint)
    }
    var taken: Set<String> = []
    return groups.sorted { $0.key < $1.key }.map { place, blocks in
      var stem = place.stem
      while !taken.insert(stem).inserted { stem += "-more" }
      let file = CatalogFile(
        name: stem + ".json", provider: place.provider, asOf: checked,
        sources: [source.name: "\(source.name) \(source.version)"], endpoint: place.endpoint, quotas: [],
        blocks: blocks.map(\.entry).sorted { ($0.value.model, $0.value.id) < ($1.value.model, $1.value.id) },
        capacity: [])
      return CatalogSource(
        name: file.name,
        text: CatalogFileWriter.text(of: file, note: "imported from \(source.name) \(source.version)"))
    }
  }
}
