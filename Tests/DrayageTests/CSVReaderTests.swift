import DrayageTesting
import Testing

@testable import Drayage

@Suite struct CSVReaderTests {
  private func records(_ text: String) throws -> [[String]] {
    try records(Array(text.utf8))
  }

  private func records(_ bytes: [UInt8]) throws -> [[String]] {
    var reader = try CSVReader(bytes, file: "t.csv")
    var records = [reader.header]
    while try reader.next() { records.append(reader.header.indices.map { reader.text($0) }) }
    return records
  }

  @Test(arguments: [
    ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
    ("\u{FEFF}a\n1\n", [["a"], ["1"]]),
    ("a,b\n,\n", [["a", "b"], ["", ""]]),
    ("a\n\n1\n\r\n\n2\n\n", [["a"], ["1"], ["2"]]),
    ("\"a\"\"b\",c\n\"x,\ny\",\"\"\n", [["a\"b", "c"], ["x,\ny", ""]]),
    ("a\n\"\"\"\"\n\"é\"\"\"\n", [["a"], ["\""], ["é\""]]),
    ("a,b\n\"1\",\n", [["a", "b"], ["1", ""]]),
  ])
  func reads(text: String, expected: [[String]]) throws {
    #expect(try records(text) == expected)
  }

  @Test(
    arguments: [
      ("", .empty, nil),
      ("\n\n", .empty, nil),
      ("a,\n", .missing, 1),
      ("a,b,a\n", .duplicate, 1),
      ("a,b\n1,2\n1\n", .syntax, 3),
      ("a\n1,2\n", .syntax, 2),
      ("a,b\n\"x\ny\",1\n\n1,2,3\n", .syntax, 5),
      ("a\n1\n\"open\n\n\n", .syntax, 3),
      ("a\n\"x\ny\"z\n", .syntax, 3),
      ("a\nx\"y\n", .syntax, 2),
      ("a\nx\ry\n", .syntax, 2),
      ("a\nx\0\n", .syntax, 2),
      ("a\n\"x\n\0\"\n", .syntax, 3),
    ] as [(String, InputError.Code, Int?)])
  func refuses(text: String, code: InputError.Code, line: Int?) throws {
    let error = #expect(throws: InputError.self) { try records(text) }
    #expect(error?.code == code)
    #expect(error?.line == line)
    #expect(error?.file == "t.csv")
  }

  @Test(
    arguments: [
      [0x61, 0x0A, 0x31, 0x0A, 0xC3, 0x28], [0x61, 0x0A, 0x31, 0x0A, 0x22, 0xFF, 0x22],
      [0x61, 0x0A, 0x31, 0x0A, 0x22, 0x22, 0x22, 0xE2, 0x82, 0x22],
    ] as [[UInt8]])
  func refusesWhatIsNotUTF8(bytes: [UInt8]) throws {
    let error = #expect(throws: InputError.self) { try records(bytes) }
    #expect(error?.code == .encoding)
    #expect(error?.line == 3)
  }

  @Test(arguments: ["", "\""]) func boundsFields(quote: String) throws {
    let most = String(repeating: "x", count: CSVReader.fieldLimit - 2)
    #expect(try records("a\n\(quote)\(most)\(quote)\n")[1] == [most])
    let error = #expect(throws: InputError.self) { try records("a\n\(quote)\(most)xxxx\(quote)\n") }
    #expect(error?.code == .tooLarge)
    #expect(error?.line == 2)
  }

  @Test(arguments: 0..<200) func readsBackWhatTheWriterWrites(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let alphabet = ["a", "é", "\"", ",", "\n", "\r", "\r\n", " ", "漢", "|", "'"]
    let width = Int.random(in: 1...5, using: &random)
    var written = [(0..<width).map { "c\($0)" }]
    for _ in 0..<Int.random(in: 0...20, using: &random) {
      written.append(
        (0..<width).map { _ in
          (0..<Int.random(in: 0...6, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? ""
          }.joined()
        })
    }
    let bytes = written.flatMap { CSVWriter.record($0) }
    #expect(
      try records(bytes).map { $0.map { Array($0.utf8) } } == written.map { $0.map { Array($0.utf8) } },
      "seed \(seed)")
  }

  /// Any bytes are read or refused; nothing traps, and the records account for no more than the bytes.
  @Test(arguments: 0..<500) func survivesAnyBytes(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet: [UInt8] = Array("ab,\"\n\r|1.\0".utf8) + [0xEF, 0xBB, 0xBF, 0xC3, 0xA9]
    let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
      alphabet.randomElement(using: &random) ?? 0
    }
    do {
      let fields = try records(bytes).joined()
      #expect(fields.reduce(0) { $0 + $1.utf8.count } <= bytes.count, "seed \(seed)")
    } catch {
      #expect(error is InputError, "seed \(seed)")
    }
  }
}
