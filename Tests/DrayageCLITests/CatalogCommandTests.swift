import Foundation
import Testing

/// `drayage catalog check`.
@Suite struct CatalogCommandTests {
  private struct Document: Decodable {
    struct Finding: Decodable {
      let severity: String
      let file: String
      let line: Int?
      let key: String?
      let message: String
    }

    let files: Int
    let errors: Int
    let warnings: Int
    let findings: [Finding]
  }

  @Test func shippedCatalogHasNoErrors() async throws {
    let folder = try Scratch()
    let pricing = BatchFixture.root.appendingPathComponent("pricing").path
    let names = try FileManager.default.contentsOfDirectory(atPath: pricing).filter { $0.hasSuffix(".json") }
    let run = try await folder.run("catalog", "check", "--pricing", pricing, "--today", "2026-11-21")
    #expect(run.ending == .exit(0) && run.errors == "")
    let last = try #require(run.output.split(separator: "\n").last)
    let pattern = #/(\d+) offers in (\d+) files: 0 errors, (\d+) warnings/#
    let summary = try #require(last.wholeMatch(of: pattern), "\(last)")
    #expect(Int(summary.1) ?? 0 > names.count && Int(summary.2) == names.count)

    let json = try await folder.run(
      "catalog", "check", "--pricing", pricing, "--today", "2026-11-21", "--format", "json")
    #expect(json.ending == .exit(0) && json.errors == "")
    let document = try json.document(Document.self)
    #expect(document.files == names.count && document.errors == 0)
    #expect(document.warnings == document.findings.count && document.warnings == Int(summary.3))
    #expect(
      document.findings.allSatisfy { $0.severity == "warning" && $0.line != nil && !$0.message.isEmpty })
  }

  @Test func brokenCatalogIsNamedWithFileAndLine() async throws {
    let folder = try Scratch()
    let broken = BatchInputTests.catalog.replacing(#""in": "1""#, with: #""in": "-1""#)
    try folder.write(broken, to: "pricing/acme.json")
    try folder.write(BatchInputTests.catalog.replacing("acme", with: "zen"), to: "pricing/zen.json")
    let run = try await folder.run("catalog", "check", "--pricing", "pricing", "--today", "2026-11-21")
    #expect(run.ending == .exit(1) && run.errors == "")
    let key = "offers[0].rates[0].base.in"
    let message = "'-1' is negative; only zero or more is allowed"
    #expect(
      run.output.hasPrefix("pricing/acme.json:9: error: '\(key)': \(message)\n"), "\(run.output)")
    #expect(run.output.contains("\n2 files: 1 errors, "))

    let json = try await folder.run(
      "catalog", "check", "--pricing", "pricing", "--today", "2026-11-21", "--format", "json")
    #expect(json.ending == .exit(1))
    let document = try json.document(Document.self)
    let error = try #require(document.findings.first { $0.severity == "error" })
    #expect(document.errors == 1 && error.file == "pricing/acme.json" && error.line == 9)
    #expect(error.key == key && error.message == message)
  }

  @Test func missingFolderIsAnError() async throws {
    let run = try await Scratch().run("catalog", "check", "--pricing", "none")
    #expect(run.ending == .exit(1) && run.output == "")
    #expect(run.errors == "Error: none: the directory cannot be read; check its name\n")
  }
}
