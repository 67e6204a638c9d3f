import Drayage
import DrayageCore

/// Excerpts of public price lists, and a small catalog to hold them against.
enum CatalogImportFixtures {
  /// The excerpt of a list; where it is from says Data/import-sources.md.
  static func excerpt(_ format: ImportFormat) throws -> CatalogSource {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let name = "import-\(format.rawValue).json"
    let bytes = try InputFile.bytes(at: folder.joined(separator: "/") + "/Data/\(name)")
    return CatalogSource(name: name, bytes: bytes)
  }

  static func text(_ format: ImportFormat) throws -> String {
    String(decoding: try excerpt(format).bytes, as: UTF8.self)
  }

  /// The import of `source` beside the small catalog.
  static func run(
    _ format: ImportFormat, _ source: CatalogSource? = nil, beside catalog: Catalog? = nil
  ) throws -> CatalogImport {
    try CatalogImport(
      reading: source ?? excerpt(format), as: format, version: "1.2.3", checked: UTCInstant("2026-11-21"),
      beside: catalog ?? Self.catalog())
  }

  /// The import of a list that is written in the test.
  static func run(_ format: ImportFormat, text: String) throws -> CatalogImport {
    try run(format, CatalogSource(name: "list.json", text: text), beside: Catalog())
  }

  /// What became of the entries, one to a line: the key, how much came through, how many remarks there are.
  static func outcomes(_ result: CatalogImport) -> String {
    result.entries.map { entry in
      switch entry.outcome {
      case .whole: "\(entry.key): whole"
      case .part(let remarks):
        "\(entry.key): part, \(remarks.count), first \(remarks[0].fact)"
      case .refused(let refusal): "\(entry.key): \(refusal.code)"
      }
    }.joined(separator: "\n")
  }

  /// The catalog of the files that the import writes if everything is accepted.
  static func written(_ result: CatalogImport) throws -> Catalog {
    try CatalogLoader.load(files: result.files(accepting: .everything))
  }

  static func catalog() throws -> Catalog {
    try CatalogLoader.load(files: [
      file(
        "mistral", #"{"id": "mistral-large-4", "model": "mistral-large-4", "#,
        #""in": "0.7", "out": "4.18""#),
      file(
        "cloudflare",
        #"{"id": "openai/gpt-oss-120b", "wire": "@cf/openai/gpt-oss-120b", "model": "gpt-oss-120b", "#
          + #""limits": {"context": 128000, "output": 128000}, "caps": ["tools", "stream", "reasoning"], "#,
        #""in": "0.35", "out": "0.75""#),
      file(
        "deepseek",
        #"{"id": "deepseek-flash", "model": "deepseek-v4.1-flash", "aliases": ["deepseek-v4-flash"], "#
          + #""effort": ["low", "high"], "data": {"training": true}, "#,
        #""in": "0.3", "out": "1.2", "cache_read": "0.006""#),
    ])
  }

  private static func file(_ provider: String, _ head: String, _ base: String) -> CatalogSource {
    CatalogSource(
      name: "\(provider).json",
      text: """
        {"format": "pricing/1", "provider": "\(provider)", "currency": "USD", "unit": "Mtok",
         "api": {"dialect": "openai-chat", "base_url": "https://\(provider).test/v1"},
         "sources": {"price": "https://\(provider).test/prices"},
         "offers": [\(head)"rates": [{"source": "price", "checked": "2026-11-01", "base": {\(base)}}]}]}
        """)
  }
}
