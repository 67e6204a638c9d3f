import Drayage
import DrayageCore

/// The price files of the package, and a small one to spoil.
enum CatalogFixtures {
  /// The directory of the price files.
  static let directory =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/pricing"

  static func catalog() throws -> Catalog {
    try CatalogLoader.load(directory: directory)
  }

  /// A file without a fault, which stays without a finding until 2027-01-30.
  static let sound = """
    {
      "format": "pricing/1", "provider": "acme", "currency": "USD", "unit": "Mtok",
      "as_of": "2026-11-01",
      "api": {"dialect": "openai-chat", "base_url": "https://api.acme.test/v1", "key": "ACME_KEY"},
      "sources": {"price": "https://acme.test/prices"},
      "rulesets": {"std": [{"group": "service", "when": {"service": "batch"}, "mul": "0.5"}]},
      "quota": [{"plan": "*", "rpm": 100, "source": "price", "checked": "2026-11-01"}],
      "offers": [
        {"id": "m-1", "model": "m-1",
         "caps": ["tools"],
         "limits": {"context": 1000},
         "rates": [
           {"from": "2026-01-01", "until": "2026-06-01", "source": "price",
            "base": {"in": "2", "out": "8"}},
           {"from": "2026-06-01", "source": "price", "checked": "2026-11-01",
            "base": {"in": "1", "out": "4", "cache_read": "0.1"},
            "rules": ["std"]}]}
      ]
    }
    """

  /// `sound` with the first `old` replaced by `new`.
  static func spoiled(_ old: String, _ new: String) throws -> CatalogSource {
    guard let range = sound.firstRange(of: old) else { throw NotThere(text: old) }
    return CatalogSource(name: "acme.json", text: sound.replacingCharacters(in: range, with: new))
  }

  struct NotThere: Error {
    let text: String
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}
