import Foundation
import Testing

/// `drayage catalog import`.
@Suite struct CatalogImportCommandTests {
  private static func list(_ name: String) -> String {
    BatchFixture.root.appendingPathComponent("Tests/DrayageTests/Data/import-\(name).json").path
  }

  @Test(arguments: ["litellm", "genai-prices", "models.dev"])
  func aListIsImportedAndReadBack(name: String) async throws {
    let folder = try Scratch()
    let run = try await folder.run(
      "catalog", "import", name, Self.list(name), "--list-version", "1", "--checked", "2026-11-21", "-o",
      "new")
    #expect(run.ending == .exit(0) && run.errors == "", "\(run.errors)")
    #expect(run.output.contains(" entries: ") && run.output.contains("written: "), "\(run.output)")
    let check = try await folder.run("catalog", "check", "--pricing", "new", "--today", "2026-11-21")
    #expect(check.ending == .exit(0), "\(check.output)")
    let files = try folder.files()
    let again = try await folder.run(
      "catalog", "import", name, Self.list(name), "--list-version", "1", "--checked", "2026-11-21", "-o",
      "new")
    #expect(again.ending == .exit(1) && again.errors.contains("is there already and is not overwritten"))
    #expect(try folder.files() == files)
  }

  @Test func nothingIsWrittenUnlessAsked() async throws {
    let folder = try Scratch()
    let run = try await folder.run("catalog", "import", "litellm", Self.list("litellm"), "--entries")
    #expect(run.ending == .exit(0) && run.output.hasSuffix("nothing written\n"), "\(run.errors)")
    #expect(try folder.files().isEmpty)
    let bad = try await folder.run(
      "catalog", "import", "litellm", Self.list("litellm"), "--accept", "no/such", "-o", "new")
    #expect(bad.ending == .exit(64) && bad.errors.contains("the list has no offer 'no/such' to accept"))
  }

  @Test func aCutListIsRefusedWithItsLine() async throws {
    let folder = try Scratch()
    try folder.write("{\"m\": {\"mode\": \"chat\",\n", to: "cut.json")
    let run = try await folder.run("catalog", "import", "litellm", "cut.json")
    #expect(
      run.ending == .exit(1) && run.output == "" && run.errors.hasPrefix("Error: cut.json:2"), "\(run.errors)"
    )
  }
}
