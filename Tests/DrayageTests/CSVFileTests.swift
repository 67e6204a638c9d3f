import Foundation
import Testing

@testable import Drayage

@Suite struct CSVFileTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  @Test func writesAssignmentsWhole() throws {
    try inFolder { folder in
      let path = folder + "/out.csv"
      for round in 0..<2 {
        try AssignmentFile.write([(queryID: "q,\(round)", offer: "openai/gpt-4")], to: path)
        #expect(
          try String(contentsOfFile: path, encoding: .utf8) == "query_id,offer\n\"q,\(round)\",openai/gpt-4\n"
        )
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.csv"])
    }
  }

  @Test func writesManyRows() throws {
    try inFolder { folder in
      let rows = (0..<20_000).map { (queryID: "query-\($0)", offer: "m") }
      try AssignmentFile.write(rows, to: folder + "/out.csv")
      var reader = try CSVReader(InputFile.bytes(at: folder + "/out.csv"), file: "out.csv")
      var ids: [String] = []
      while try reader.next() { ids.append(reader.text(0)) }
      #expect(ids == rows.map(\.queryID))
    }
  }

  @Test func anAbandonedFileLeavesWhatWasThere() throws {
    try inFolder { folder in
      let path = folder + "/out.csv"
      try AssignmentFile.write([(queryID: "kept", offer: "m")], to: path)
      do {
        var file = try AtomicFile(path)
        try file.append(Array("half".utf8))
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "query_id,offer\nkept,m\n")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.csv"])
    }
  }

  @Test func followsSymbolicLinks() throws {
    try inFolder { folder in
      try "old".write(toFile: folder + "/real.csv", atomically: false, encoding: .utf8)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link.csv", withDestinationPath: "real.csv")
      try AssignmentFile.write([(queryID: "q", offer: "m")], to: folder + "/link.csv")
      #expect(try String(contentsOfFile: folder + "/real.csv", encoding: .utf8) == "query_id,offer\nq,m\n")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link.csv") == "real.csv")
    }
  }

  @Test func writesDirectlyToWhatIsNoFile() throws {
    try AssignmentFile.write([(queryID: "q", offer: "m")], to: "/dev/null")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test func refusesPathsThatCannotBeWritten() throws {
    try inFolder { folder in
      for path in [folder, folder + "/none/out.csv"] {
        let error = #expect(throws: InputError.self) { try AssignmentFile.write([], to: path) }
        #expect(error?.code == .unwritable)
        #expect(error?.file == path)
      }
    }
  }

  @Test func boundsTheFilesItReads() throws {
    try inFolder { folder in
      let path = folder + "/in.csv"
      try "12345".write(toFile: path, atomically: false, encoding: .utf8)
      #expect(try InputFile.bytes(at: path, limit: 5) == Array("12345".utf8))
      let error = #expect(throws: InputError.self) { try InputFile.bytes(at: path, limit: 4) }
      #expect(error?.code == .tooLarge)
    }
  }

  @Test func errorsPrintNoControlCharacters() {
    let error = InputError(
      .value, file: "a\u{1B}.csv", line: 3, column: "x\ny",
      message: InputError.quoted(String(repeating: "z\u{7}", count: 50)))
    #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
    #expect(error.description.hasPrefix("a\u{FFFD}.csv:3: column 'x\u{FFFD}y': 'z\u{FFFD}z"))
    #expect(error.message.unicodeScalars.count == 63)
  }

  @Test func suggestsNearNames() {
    let names = ["gpt-4", "gpt-4o", "claude-3-haiku", "mistral-large"]
    #expect(Spelling.suggestions(for: "gtp-4", among: names) == ["gpt-4", "gpt-4o"])
    #expect(Spelling.suggestions(for: "", among: names).isEmpty)
    #expect(Spelling.suggestions(for: "Claude-3-Haiku", among: names) == ["claude-3-haiku"])
    #expect(Spelling.suggestions(for: "zzzzzzzz", among: names).isEmpty)
    #expect(Spelling.advice(for: "claude-3-haikoo", among: names) == "did you mean 'claude-3-haiku'?")
    #expect(Spelling.advice(for: "zzzz", among: ["a", "b"]) == "choose from 'a', 'b'")
  }
}
