import Drayage
import DrayageCore
import Testing

@Suite("Writing price files") struct CatalogFileWriterTests {
  @Test func `every price file of the package reads back the same after it is written`() throws {
    for source in try CatalogLoader.sources(in: CatalogFixtures.directory) {
      let before = try CatalogFile(reading: source)
      let text = CatalogFileWriter.text(of: before)
      let again = CatalogSource(name: source.name, text: text)
      let after = try CatalogFile(reading: again)
      #expect(try CatalogLoader.load(files: [source]) == CatalogLoader.load(files: [again]), "\(source.name)")
      #expect(after.endpoint == before.endpoint, "\(source.name)")
      #expect(after.capacity.map(\.value) == before.capacity.map(\.value), "\(source.name)")
      #expect(after.capacity.map(\.unpriced) == before.capacity.map(\.unpriced), "\(source.name)")
      let confirmations = [before, after].map { file in
        file.blocks.map { $0.value.sheets.map { [$0.confirmation?.source, $0.confirmation?.checked.day] } }
      }
      #expect(confirmations[0] == confirmations[1], "\(source.name)")
      #expect(after.quotas.map(\.checked) == before.quotas.map(\.checked), "\(source.name)")
      #expect(CatalogFileWriter.text(of: after) == text, "\(source.name)")
    }
  }

  @Test func `a file is written in the order and layout in which files are kept`() throws {
    let source = CatalogSource(
      name: "acme.json",
      text: """
        {"format": "pricing/1", "provider": "acme", "currency": "USD", "unit": "Mtok", "as_of": "2026-11-01",
         "api": {"key": "ACME_KEY", "dialect": "openai-chat", "base_url": "https://api.acme.test/v1"},
         "sources": {"price": "https://acme.test/prices"},
         "rulesets": {"std": [
           {"group": "service", "when": {"service": "batch"}, "mul": "0.50", "units": ["out", "in"]},
           {"group": "time", "when": {"days": "sat,sun"}, "mul": {"out": "1.5", "*": "2"}},
           {"group": "time", "when": {"utc": ["10:00-24:00"], "days": "mon-wed"}, "set": {"in": "1.0"}}]},
         "offers": [
           {"model": "m-1", "id": "m-1", "caps": ["stream", "reasoning!", "odd", "image"],
            "limits": {"context": 9},
            "rates": [{"from": "2026-08-16T16:00Z", "until": "2026-09-01", "source": "price", "base":
              {"web_search/1k": "10.0", "out": "8.000000", "in": "0.000001", "cache_read": null},
              "rules": ["std"]},
             {"from": "2026-09-01", "base": {"in": "1", "out": "2", "request": "0.005"}}]}]}
        """)
    #expect(
      CatalogFileWriter.text(of: try CatalogFile(reading: source), note: "a \"note\"") == """
        {
          "format": "pricing/1", "provider": "acme", "currency": "USD", "unit": "Mtok",
          "as_of": "2026-11-01",
          "note": "a \\"note\\"",
          "api": {"dialect": "openai-chat", "base_url": "https://api.acme.test/v1", "key": "ACME_KEY"},
          "sources": {"price": "https://acme.test/prices"},
          "offers": [
            {"id": "m-1", "model": "m-1",
             "limits": {"context": 9},
             "caps": ["image", "stream", "reasoning!", "odd"],
             "rates": [
              {"from": "2026-08-16T16:00Z", "until": "2026-09-01", "source": "price",
               "base": {"in": "0.000001", "out": "8", "web_search/1k": "10", "cache_read": null},
               "rules": [
                 {"group": "service", "when": {"service": "batch"}, "mul": "0.5", "units": ["in", "out"]},
                 {"group": "time", "when": {"days": "sat,sun"}, "mul": {"*": "2", "out": "1.5"}},
                 {"group": "time", "when": {"utc": ["10:00-24:00"], "days": "mon-wed"}, "set": {"in": "1"}}]},
              {"from": "2026-09-01",
               "base": {"in": "1", "out": "2", "request": "0.005"}}]}
          ]
        }

        """)
  }
}
