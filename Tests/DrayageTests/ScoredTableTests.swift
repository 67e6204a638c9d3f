import DrayageCore
import Foundation
import Testing

@testable import Drayage

@Suite struct ScoredTableTests {
  private static let small = """
    query_id,dataset,split,input_tokens_cl100k,a/b@c:1.5|score,a/b@c:1.5|in_tok,a/b@c:1.5|out_tok_cl100k,\
    a/b@c:1.5|cost_usd,a/b@c:1.5|latency_s,m|score,m|cost_usd,m|out_tok
    q1,gsm8k,test,12,1,14,120,0.0000000001,1.5,0.25,3.73e-05,7
    q2,"x,y",val,13,,,,0.5,,-0.0,0,
    q3,crux,test,0,7.5,0,1000000000,1000000,0,,,9

    """

  private func table(_ text: String) throws -> ScoredTable {
    try ScoredTable(bytes: Array(text.utf8), file: "t.csv")
  }

  @Test func readsEveryKindOfColumn() throws {
    let table = try table(Self.small)
    #expect(table.queryIDs == ["q1", "q2", "q3"])
    #expect(table.models == ["a/b@c:1.5", "m"])
    #expect(table.textColumnNames == ["dataset", "split"])
    #expect(table.textColumn("dataset") == ["gsm8k", "x,y", "crux"])
    #expect(table.textColumn("query_id") == nil)
    #expect(table.inputTokens == [12, 13, 0])
    #expect(table.hasTokens)
    #expect(!table.hasLatency)
  }

  @Test func readsEveryCell() throws {
    let table = try table(Self.small)
    #expect(table.score(query: 0, model: 0) == 1)
    #expect(table.score(query: 2, model: 0) == 7.5)
    #expect(table.score(query: 1, model: 0) == nil)
    #expect(!table.isScored(query: 1, model: 0))
    #expect(table.isScored(query: 1, model: 1))
    #expect(table.score(query: 1, model: 1)?.sign == .plus)
    // A tenth of a nano-dollar is charged as a whole one.
    #expect(table.cost(query: 0, model: 0) == Money(nanodollars: 1))
    #expect(table.cost(query: 0, model: 1) == Money(nanodollars: 37_300))
    #expect(table.cost(query: 1, model: 0) == Money(nanodollars: 500_000_000))
    #expect(table.cost(query: 2, model: 0) == Money(nanodollars: 1_000_000_000_000_000))
    #expect(table.cost(query: 2, model: 1) == nil)
    #expect(table.inputTokens(query: 0, model: 0) == 14)
    #expect(table.inputTokens(query: 1, model: 0) == 13)
    #expect(table.inputTokens(query: 2, model: 0) == 0)
    #expect(table.inputTokens(query: 0, model: 1) == 12)
    #expect(table.outputTokens(query: 2, model: 0) == 1_000_000_000)
    #expect(table.outputTokens(query: 1, model: 1) == nil)
    #expect(table.latency(query: 0, model: 0) == 1.5)
    #expect(table.latency(query: 1, model: 0) == nil)
    #expect(table.latency(query: 0, model: 1) == nil)
  }

  @Test func selectsModelsAndRows() throws {
    let table = try table(Self.small)
    let part = try table.selecting(models: ["m"]).selecting(rows: [2, 0])
    #expect(part.models == ["m"])
    #expect(part.queryIDs == ["q3", "q1"])
    #expect(part.textColumn("split") == ["test", "test"])
    #expect(part.inputTokens == [0, 12])
    #expect(part.score(query: 1, model: 0) == 0.25)
    #expect(part.outputTokens(query: 0, model: 0) == 9)
    #expect(try table.selecting(models: ["m", "a/b@c:1.5"]).latency(query: 0, model: 1) == 1.5)
  }

  @Test(
    arguments: [
      ([], .empty, "t.csv: no model is selected; name at least one"),
      (["m", "m"], .duplicate, "t.csv: model 'm' is selected twice; name it once"),
      (["a/b@c:15"], .unknown, "t.csv: no model 'a/b@c:15'; did you mean 'a/b@c:1.5'?"),
    ] as [([String], InputError.Code, String)])
  func refusesSelections(models: [String], code: InputError.Code, message: String) throws {
    let table = try table(Self.small)
    let error = #expect(throws: InputError.self) { try table.selecting(models: models) }
    #expect(error?.code == code)
    #expect(error?.description == message)
  }

  @Test(arguments: [
    "query_id,m|score,m|cost_usd\nq,0.5,0.1\n",
    "m|cost_usd,m|score,query_id\n0.1,1,q\n",
    "\u{FEFF}query_id,m|score,m|cost_usd,m|in_tok_cl100k\r\nq,1e2,1e-9,5\r\n",
  ])
  func acceptsAnyOrderAndFewColumns(text: String) throws {
    let table = try table(text)
    #expect(table.queryIDs == ["q"])
    #expect(table.models == ["m"])
    #expect(table.isScored(query: 0, model: 0))
    #expect(table.inputTokens == nil)
    #expect(!table.hasTokens)
  }

  @Test(
    arguments: [
      ("", .empty, nil, nil),
      ("query_id,m|score,m|cost_usd\n", .empty, nil, nil),
      ("id,m|score,m|cost_usd\nq,1,1\n", .missing, 1, "query_id"),
      ("query_id,dataset\nq,x\n", .missing, 1, nil),
      ("query_id,m|score\nq,1\n", .missing, 1, "m|cost_usd"),
      ("query_id,m|score,m|cost_usd,n|cost_usd\nq,1,1,1\n", .missing, 1, "n|score"),
      ("query_id,m|score,m|cost_usd,m|color\nq,1,1,1\n", .unknown, 1, "m|color"),
      ("query_id,m|score,m|cost_usd,|score\nq,1,1,1\n", .missing, 1, "|score"),
      ("query_id,m|score,m|cost_usd,m|score\nq,1,1,1\n", .duplicate, 1, "m|score"),
      (
        "query_id,m|score,m|cost_usd,m|out_tok,m|out_tok_cl100k\nq,1,1,1,1\n", .duplicate, 1,
        "m|out_tok_cl100k"
      ),
      (
        "query_id,input_tokens,input_tokens_x,m|score,m|cost_usd\nq,1,1,1,1\n", .duplicate, 1,
        "input_tokens_x"
      ),
      ("query_id,m|score,m|cost_usd\nq,1,1\np,1,1\nq,1,1\n", .duplicate, 4, "query_id"),
      ("query_id,m|score,m|cost_usd\n,1,1\n", .missing, 2, "query_id"),
      ("query_id,m|score,m|cost_usd\nq,1,\n", .missing, 2, "m|cost_usd"),
      ("query_id,m|cost_usd,m|score\nq,,1\n", .missing, 2, "m|cost_usd"),
      ("query_id,input_tokens,m|score,m|cost_usd\nq,,1,1\n", .missing, 2, "input_tokens"),
      ("query_id,m|score,m|cost_usd\nq,1,1\np,1\n", .syntax, 3, nil),
    ] as [(String, InputError.Code, Int?, String?)])
  func refusesTables(text: String, code: InputError.Code, line: Int?, column: String?) throws {
    let error = #expect(throws: InputError.self) { try table(text) }
    #expect(error?.code == code)
    #expect(error?.line == line)
    #expect(error?.column == column)
    #expect(error?.file == "t.csv")
  }

  @Test(arguments: [
    (
      "m|score",
      ["nan", "NaN", "inf", "-inf", "1e400", "-0.1", "x", " 1", "1 ", "0x10", "1e10", "1,2", "--1", "."]
    ),
    ("m|cost_usd", ["nan", "-0.1", "1000000.000000001", "1e300", "x", "$1", "0x1", "1e", "."]),
    ("m|in_tok", ["-1", "1.5", "1e3", "1000000001", "99999999999999999999999", "x", "nan"]),
    ("m|out_tok", ["-1", "1.5", "1000000001", "x"]),
    ("m|latency_s", ["-1", "inf", "nan", "1000001", "x"]),
  ])
  func refusesValues(column: String, values: [String]) throws {
    let header = ["query_id", "m|score", "m|cost_usd", "m|in_tok", "m|out_tok", "m|latency_s"]
    let position = try #require(header.firstIndex(of: column))
    for value in values {
      var record = ["q", "1", "1", "1", "1", "1"]
      record[position] = value
      let bytes =
        CSVWriter.record(header) + CSVWriter.record(["p", "0", "0", "0", "0", "0"]) + CSVWriter.record(record)
      let error = #expect(throws: InputError.self, "\(value)") {
        try ScoredTable(bytes: bytes, file: "t.csv")
      }
      #expect(error?.code == .value, "\(value)")
      #expect(error?.line == 3)
      #expect(error?.column == column)
    }
  }

  @Test func saysWhatIsWrongAndWhatToDo() {
    let error = #expect(throws: InputError.self) {
      try table("query_id,gpt-4|score,gpt-4|cost_usd\nq1,0.5,0.1\nq2,NaN,0.1\n")
    }
    #expect(
      error?.description
        == "t.csv:3: column 'gpt-4|score': 'NaN' is not a score from 0 to 1000000000; "
        + "write a decimal number such as 0.25"
    )
    let twice = #expect(throws: InputError.self) {
      try table("query_id,m|score,m|cost_usd\nq,1,1\n\nq,1,1\n")
    }
    #expect(
      twice?.description == "t.csv:4: column 'query_id': 'q' is already on line 2; remove one of the two rows"
    )
  }

  @Test func readsFiles() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).csv").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Self.small.write(toFile: path, atomically: false, encoding: .utf8)
    #expect(try ScoredTable(contentsOf: path).queryIDs.count == 3)
    for missing in [path + ".none", FileManager.default.temporaryDirectory.path] {
      let error = #expect(throws: InputError.self) { try ScoredTable(contentsOf: missing) }
      #expect(error?.code == .unreadable)
      #expect(error?.file == missing)
    }
  }
}
