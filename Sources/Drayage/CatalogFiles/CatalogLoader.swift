public import DrayageCore
internal import Foundation

/// Reads price files into a catalog.
public enum CatalogLoader {
  /// The catalog of the price files in `directory`: those whose names end in `.json`.
  ///
  /// - Throws: ``InputError`` with the file, line and key of the first fault.
  public static func load(directory: String) throws(InputError) -> Catalog {
    try load(files: sources(in: directory))
  }

  /// The catalog of the given price files, laid over the offers of others: where both sell a model of one name
  /// at one provider, at whatever efforts and services, only these count; likewise for rate limits.
  ///
  /// - Throws: ``InputError`` as ``load(files:)`` does.
  public static func load(files: [CatalogSource], over others: [CatalogSource]) throws(InputError) -> Catalog
  {
    let (own, other) = (try load(files: files), try load(files: others))
    let sold = Set(own.offers.map { "\($0.provider)/\($0.id.name)" })
    let limited = Set(own.quotas.map(\.name))
    do {
      return try Catalog(
        own.offers + other.offers.filter { !sold.contains("\($0.provider)/\($0.id.name)") },
        quotas: own.quotas + other.quotas.filter { !limited.contains($0.name) })
    } catch {
      throw InputError(
        .duplicate, file: files.map(\.name).joined(separator: ", "), message: error.description)
    }
  }

  /// The catalog of the given price files.
  ///
  /// - Throws: ``InputError`` with the file, line and key of the first fault; two offers of one name are one.
  public static func load(files: [CatalogSource]) throws(InputError) -> Catalog {
    var offers: [Offer] = []
    var quotas: [Quota] = []
    var owners: [OfferID: String] = [:]
    for source in files {
      let file = try CatalogFile(reading: source)
      let more = try file.offers(besides: offers.count)
      for offer in more {
        if let other = owners.updateValue(file.name, forKey: offer.id) {
          throw InputError(
            .duplicate, file: file.name, key: "offers",
            message: "an offer named \(offer.id) is in \(other) already; remove or rename one")
        }
      }
      offers += more
      quotas += file.quotas.map(\.value)
    }
    do {
      return try Catalog(offers, quotas: quotas)
    } catch {
      throw InputError(
        .duplicate, file: files.map(\.name).joined(separator: ", "), message: error.description)
    }
  }

  /// The price files in `directory`, ordered by name.
  ///
  /// - Throws: ``InputError`` if the directory or a file in it cannot be read, or there is none.
  public static func sources(in directory: String) throws(InputError) -> [CatalogSource] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: directory)
    } catch {
      throw InputError(.unreadable, file: directory, message: "the directory cannot be read; check its name")
    }
    let files = names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted()
    guard !files.isEmpty else {
      throw InputError(.empty, file: directory, message: "there is no .json file in it; add price files")
    }
    let prefix = directory.hasSuffix("/") ? directory : directory + "/"
    var sources: [CatalogSource] = []
    for file in files {
      let path = prefix + file
      sources.append(
        CatalogSource(name: path, bytes: try InputFile.bytes(at: path, limit: JSONParser.mostBytes)))
    }
    return sources
  }
}
