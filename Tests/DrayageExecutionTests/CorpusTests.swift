import Foundation
import Testing

/// Replays the bytes that fuzzing (`benchmarks/fuzz`) found worth keeping.
@Suite struct CorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Corpus")

  @Test(arguments: ParserCheck.allCases)
  func `recorded bytes pass the check of their parser`(check: ParserCheck) throws {
    let folder = Self.folder.appendingPathComponent(check.rawValue)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(!names.isEmpty)
    for name in names {
      let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
      do {
        try check.run(bytes)
        // A reply may break off anywhere.
        try check.run(Array(bytes.dropLast(bytes.count / 3)))
      } catch {
        Issue.record("\(check.rawValue)/\(name): \(error)")
      }
    }
  }
}
