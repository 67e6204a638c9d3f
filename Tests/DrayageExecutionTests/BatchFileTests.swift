import DrayageTesting
import Drayage
import DrayageCore
import DrayageLedger
import DrayageProfiles
import Foundation
import Testing

@testable import DrayageExecution

/// What is read of a batch file, and what is said of one that cannot be read.
struct BatchFileTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
  }

  /// A row with its body.
  private struct Row {
    let line: Int
    let customID: String
    let body: RequestBody
    let row: BatchRow
  }

  /// What a file says: its rows as a ledger has taken them, and the lines that it has not.
  private func read(
    _ bytes: some Sequence<UInt8>
  ) async throws -> (rows: [Row], refused: [JobResult], first: [RefusedRow]) {
    try folder.write(bytes, to: "batch.jsonl")
    let file = try BatchFile(folder.path("batch.jsonl"))
    let path = folder.path("\(UUID().uuidString).ledger")
    let ledger = try await DurableLedger.sqlite(at: path)
    let batch = try await ledger.begin("b", payload: [], alone: true, at: .now)
    let setup = BatchSetup(
      file, targets: [], profile: try TableProfile(QualityProfile()), options: .testing())
    var reading = BatchReading(setup, into: ledger, batch)
    do {
      try await reading.run()
      let jobs = try await ledger.claim(from: "b", worker: "w", count: 10_000, lease: 60, at: .now)
      let refused = try await ledger.failures(of: "b", count: 10_000)
      await ledger.close()
      #expect(reading.refusedCount == refused.count && reading.sample.count == jobs.count)
      let rows = try jobs.map { job in
        let row = try #require(BatchRow(job))
        return Row(line: row.line, customID: row.customID, body: try file.body(of: row), row: row)
      }
      return (rows, refused, reading.refused)
    } catch {
      await ledger.close()
      throw error
    }
  }

  /// The rows of a file all of whose lines are sound; otherwise the first complaint is thrown.
  private func rows(_ bytes: some Sequence<UInt8>) async throws -> [Row] {
    let read = try await read(bytes)
    if case .malformed(let error)? = read.first.first?.reason { throw error }
    return read.rows
  }

  private func rows(_ text: String) async throws -> [Row] { try await rows(text.utf8) }

  private static func line(_ id: String, body: String = #"{"messages":[{"role":"user","content":"x"}]}"#)
    -> String
  {
    #"{"custom_id":"\#(id)","method":"POST","url":"/v1/chat/completions","body":\#(body)}"#
  }

  private static func body(_ members: String) -> String {
    line("a", body: #"{"messages":[{"role":"user","content":"x"}],\#(members)}"#)
  }

  @Test func readsRowsAndTheirLines() async throws {
    let text = [
      "\u{FEFF}" + Self.line("a"), "", "  \t",
      Self.line("b", body: #"{"messages":[{}],"metadata":{"workload":"w"}}"#),
      #"{"custom_id":"c","body":{"messages":[{"content":"é\u0041"}]}}"#,
    ]
    for (ending, last) in [("\n", ""), ("\n", "\n"), ("\r\n", ""), ("\r\n", "\r\n")] {
      let rows = try await rows(text.joined(separator: ending) + last)
      #expect(rows.map(\.customID) == ["a", "b", "c"])
      #expect(rows.map(\.line) == [1, 4, 5])
      #expect(rows.map(\.row.workload) == ["default", "w", "default"])
      #expect(String(decoding: rows[2].body.bytes, as: UTF8.self) == #"{"messages":[{"content":"é\u0041"}]}"#)
      #expect(Set(rows.map(\.row.digest)).count == 3)
    }
  }

  /// Each with the line, key and code that the complaint must name.
  private static let bad: [(text: String, line: Int?, key: String?, code: InputError.Code)] = [
    ("", nil, nil, .empty), ("\u{FEFF}", nil, nil, .empty), ("\n \r\n\t\n", nil, nil, .empty),
    ("{", 1, nil, .syntax), (line("a") + "\n[1]", 2, nil, .value), (line("a") + "\n\nnull\n", 3, nil, .value),
    (line("a") + "\r\n" + line("b") + ",", 2, nil, .syntax),
    (#"{"body":{"messages":[{}]}}"#, 1, "custom_id", .missing), (line(""), 1, "custom_id", .missing),
    (#"{"custom_id":7,"body":{"messages":[{}]}}"#, 1, "custom_id", .missing),
    (line(String(repeating: "x", count: 513)), 1, "custom_id", .value),
    (line("a") + "\n" + line("b") + "\n" + line("a"), 3, "custom_id", .duplicate),
    (line("a") + "\n" + line(#"\u0061"#), 2, "custom_id", .duplicate),
    (#"{"custom_id":"a","method":"GET","body":{"messages":[{}]}}"#, 1, "method", .value),
    (#"{"custom_id":"a","method":null,"body":{"messages":[{}]}}"#, 1, "method", .value),
    (#"{"custom_id":"a","url":"/v1/embeddings","body":{"messages":[{}]}}"#, 1, "url", .value),
    (#"{"custom_id":"a"}"#, 1, "body", .missing), (line("a", body: "[]"), 1, "body", .value),
    (line("a", body: "{}"), 1, "body.messages", .missing),
    (line("a", body: #"{"messages":[]}"#), 1, "body.messages", .missing),
    (line("a", body: #"{"messages":"x"}"#), 1, "body.messages", .missing),
    (#"{"custom_id":"a","custom_id":"b","body":{"messages":[{}]}}"#, 1, nil, .duplicate),
    (line("a", body: #"{"messages":[{}],"model":1,"mod\u0065l":2}"#), 1, nil, .duplicate),
    (body(#""stream":true"#), 1, "body.stream", .value), (body(#""stream":1"#), 1, "body.stream", .value),
    (body(#""n":2"#), 1, "body.n", .value), (body(#""n":2.0"#), 1, "body.n", .value),
    (body(#""n":1e1"#), 1, "body.n", .value), (body(#""n":"1""#), 1, "body.n", .value),
    (body(#""service_tier":"priority""#), 1, "body.service_tier", .value),
    (body(#""service_tier":["flex"]"#), 1, "body.service_tier", .value),
    (body(#""web_search_options":{}"#), 1, "body.web_search_options", .value),
    (body(#""search_parameters":{"mode":"on"}"#), 1, "body.search_parameters", .value),
    (body(#""enable_search":true"#), 1, "body.enable_search", .value),
    (body(#""plugins":[{"id":"web"}]"#), 1, "body.plugins", .value),
    (body(#""modalities":["text","audio"]"#), 1, "body.modalities", .value),
    (body(#""audio":{"voice":"a","format":"mp3"}"#), 1, "body.audio", .value),
    (body(#""tools":[{"type":"function"},{"type":"web_search"}]"#), 1, "body.tools", .value),
    (body(#""tools":[{"type":"code_interpreter"}]"#), 1, "body.tools", .value),
    (body(#""max_tokens":0"#), 1, "body.max_tokens", .value),
    (body(#""max_tokens":1.5"#), 1, "body.max_tokens", .value),
    (body(#""max_completion_tokens":-1"#), 1, "body.max_completion_tokens", .value),
    (body(#""max_completion_tokens":"9""#), 1, "body.max_completion_tokens", .value),
    (body(#""max_completion_tokens":99999999999999999999"#), 1, "body.max_completion_tokens", .value),
    (
      line(
        "a", body: #"{"messages":[{"content":[{"type":"file","file":{"file_id":"f"}}]}]}"#),
      1,
      "body.messages", .value
    ),
    (
      line("a", body: #"{"messages":[{},{"content":[{"type":"text"},{"type":"input_audio"}]}]}"#), 1,
      "body.messages", .value
    ),
    (
      line("a", body: #"{"messages":[{"content":[{"image_url":{"url":"https://a.test"}}]}]}"#), 1,
      "body.messages", .value
    ),
  ]

  @Test func complaintsNameLineAndKey() async {
    for (text, line, key, code) in Self.bad {
      let note = Comment(rawValue: String(text.prefix(200)))
      let error = await #expect(throws: InputError.self, note) { try await rows(text) }
      #expect(
        error?.line == line && error?.key == key && error?.code == code,
        "\(note): \(String(describing: error))")
      #expect(error?.file == folder.path("batch.jsonl"), note)
    }
  }

  @Test func `a bad line does not stop the others`() async throws {
    let text = [
      Self.line("a"), "{", Self.line("b", body: "{}"), "", Self.line("a"), Self.line("c"),
      #"{"custom_id":""}"#,
    ].joined(separator: "\n")
    let file = try await read(text.utf8)
    #expect(file.rows.map(\.customID) == ["a", "c"] && file.rows.map(\.line) == [1, 6])
    #expect(file.refused.map(\.ordinal) == [2, 3, 5, 7])
    // Only an id that is the line's own is given back.
    #expect(file.refused.map { BatchRow.customID(ofJob: $0.id) } == [nil, "b", nil, nil])
    for line in file.refused {
      let output = try JSONNode.parse(try #require(line.result), file: "output")
      #expect(line.code == "invalid_request" && output["error"]?["code"]?.string == line.code)
      #expect(output["custom_id"]?.string == BatchRow.customID(ofJob: line.id))
      #expect(output["error"]?["message"]?.string?.contains(":\(line.ordinal): ") == true)
    }
  }

  @Test func whatSaysNothingPasses() async throws {
    for members in [
      #""stream":false"#, #""stream":null"#, #""n":1"#, #""n":null"#, #""service_tier":"auto""#,
      #""service_tier":"default""#, #""service_tier":null"#, #""max_tokens":null"#, #""temperature":0.5"#,
      #""web_search_options":null"#, #""enable_search":false"#, #""modalities":["text"]"#, #""audio":null"#,
      #""tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"g"}}]"#,
    ] {
      #expect(try await rows(Self.body(members)).first?.body.maxOutputTokens == nil, "\(members)")
    }
  }

  @Test func theLargerOfTwoLimitsBoundsTheOutput() async throws {
    #expect(try await rows(Self.body(#""max_tokens":5"#)).first?.body.maxOutputTokens == 5)
    #expect(
      try await rows(Self.body(#""max_completion_tokens":7,"max_tokens":5"#)).first?.body.maxOutputTokens == 7
    )
    #expect(
      try await rows(Self.body(#""max_completion_tokens":5,"max_tokens":7"#)).first?.body.maxOutputTokens == 7
    )
    #expect(
      try await rows(Self.body(#""max_completion_tokens":null,"max_tokens":7"#)).first?.body.maxOutputTokens
        == 7)
  }

  @Test func bytesThatAreNoTextAreRefused() async throws {
    var bytes = Array((Self.line("a") + "\n" + Self.line("b") + "\n").utf8)
    bytes[bytes.count - 20] = 0xFF
    let error = await #expect(throws: InputError.self) { try await rows(bytes) }
    #expect(error?.code == .encoding && error?.line == 2)
    let wide = "{}".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    await #expect(throws: InputError.self) { try await rows([0xFF, 0xFE] + wide) }
  }

  @Test func depthAndSizeAreBounded() async throws {
    func nested(_ depth: Int) -> String {
      Self.body(#""metadata":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
    }
    #expect(try await rows(nested(100)).count == 1)
    let deep = await #expect(throws: InputError.self) {
      try await rows(Self.line("z") + "\n" + nested(10_000))
    }
    #expect(deep?.code == .syntax && deep?.line == 2)
    let long = String(repeating: "x", count: 16 << 20)
    let large = await #expect(throws: InputError.self) {
      try await rows(Self.line("z") + "\n" + Self.body(#""user":"\#(long)""#))
    }
    #expect(large?.code == .tooLarge && large?.line == 2)
  }

  /// Damaged files are refused with a line, or read; never a trap.
  @Test func damagedFilesAreRefusedOrRead() async throws {
    let sound = Array((0..<5).map { Self.line("id\($0)") }.joined(separator: "\n").utf8)
    var refused = 0
    for seed in UInt64(1)...500 {
      var random = SplitMix64(seed: seed)
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: at)
        default:
          bytes.insert([0x22, 0x5C, 0x7B, 0x5D, 0x0A, 0x2C].randomElement(using: &random) ?? 0, at: at)
        }
      }
      do {
        let rows = try await rows(bytes)
        #expect(Set(rows.map(\.customID)).count == rows.count, "seed \(seed)")
      } catch let error as InputError {
        refused += 1
        #expect((1...7).contains(error.line ?? 0), "seed \(seed)")
      }
    }
    #expect(refused > 100)
  }

  @Test func aFileThatIsNotThere() {
    let error = #expect(throws: InputError.self) { try BatchFile(folder.path("missing")) }
    #expect(error?.code == .unreadable)
  }
}
