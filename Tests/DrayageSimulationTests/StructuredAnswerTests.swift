import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageSimulation

@Suite struct StructuredAnswerTests {
  private func instance(_ schema: String) throws -> String {
    SchemaInstance.of(try JSONNode.parse(Array(schema.utf8), file: "schema")).text
  }

  @Test(arguments: [
    (
      #"{"type":"object","properties":{"b":{"type":"integer"},"a":{"type":"string"}}}"#,
      #"{"a":"simulated","b":0}"#
    ),
    (#"{"type":"OBJECT","properties":{"a":{"type":"ARRAY","items":{"type":"NUMBER"}}}}"#, #"{"a":[0]}"#),
    (#"{"enum":["x","y"]}"#, #""x""#), (#"{"const":7}"#, "7"), (#"{"type":["null","string"]}"#, "null"),
    (#"{"type":"array","items":{"type":"boolean"},"minItems":3}"#, "[true,true,true]"),
    (#"{"anyOf":[{"type":"number","minimum":2.5},{"type":"null"}]}"#, "2.5"),
    (##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}"##, "0"), ("{}", #""simulated""#),
    ("true", #""simulated""#),
    (#"{"type":"string","minLength":12}"#, #""simulated---""#),
  ]) func `gives what a schema allows`(schema: String, text: String) throws {
    #expect(try instance(schema) == text)
  }

  @Test func `survives schemas that refer to themselves or ask for too much`() throws {
    #expect(try instance(##"{"$ref":"#"}"##) == "null")
    let tree = ##"{"type":"object","properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#"}}}"##
    #expect(try instance(tree).utf8.count < 1_000_000)
    #expect(try instance(#"{"type":"array","minItems":999999999,"items":{}}"#).utf8.count < 10_000)
    #expect(try instance(#"{"type":"string","minLength":99999999999}"#).utf8.count < 20_000)
  }

  @Test func `a tool is called where one must be, and else until its result is there`() throws {
    var service = try Fixtures.service(Fixtures.table())
    let tools: [[String: Any]] = ["one", "two"].map {
      [
        "type": "function",
        "function": [
          "name": $0, "parameters": ["type": "object", "properties": ["n": ["type": "integer"]]],
        ],
      ]
    }
    func called(_ extra: [String: Any], streams: Bool = false) throws -> String? {
      let extra = extra.merging(["tools": tools]) { $1 }
      let reply = service.complete(
        try Fixtures.body("q1", "slow:1", extra: extra), idempotencyKey: nil, at: 0)
      let call = Wire.at(try reply.json(), ["choices", 0, "message", "tool_calls", 0, "function"])
      guard let name = Wire.at(call, ["name"]) as? String else { return nil }
      #expect(Wire.at(call, ["arguments"]) as? String == #"{"n":0}"#)
      #expect(try reply.finishReason == "tool_calls")
      return name
    }
    #expect(try called([:]) == "one")
    #expect(try called(["tool_choice": "auto"]) == "one")
    #expect(try called(["tool_choice": "required"]) == "one")
    #expect(try called(["tool_choice": "none"]) == nil)
    #expect(try called(["tool_choice": ["type": "function", "function": ["name": "two"]]]) == "two")
    let answered: [[String: String]] = [["role": "user", "content": "x"], ["role": "tool", "content": "y"]]
    #expect(try called(["messages": answered]) == nil)
    #expect(try called(["messages": answered, "tool_choice": "required"]) == "one")
    let wrong =
      ["tools": tools, "tool_choice": ["type": "function", "function": ["name": "three"]]] as [String: Any]
    #expect(
      service.complete(try Fixtures.body("q1", "slow:1", extra: wrong), idempotencyKey: nil, at: 0).status
        == 400)
  }

  @Test(arguments: 0..<50) func `pieces make up the whole, however they are cut`(seed: Int) {
    let tokens = seed * 7 % 40
    for text in [
      AnswerText(sentence: "A simulated answer.", tokens: tokens, seed: UInt64(seed)),
      AnswerText(fixed: #"{"größe":"simulated","n":[0,0,0]}"#, tokens: tokens, isCut: seed % 2 == 0),
    ] {
      var pieces = ""
      var start = 0
      while start < tokens {
        let end = min(tokens, start + 1 + (seed + start) % 5)
        pieces += text.text(start..<end)
        start = end
      }
      #expect(pieces == text.whole, "seed \(seed)")
    }
  }

  @Test(
    arguments: [
      (
        "/v1/embeddings", #"{"model":"slow:1","input":["a","b"],"dimensions":3}"#,
        "data.1.embedding"
      ),
      (
        "/openai/deployments/slow:1/embeddings", #"{"input":["a",  "b"],"dimensions":3}"#,
        "data.1.embedding"
      ),
      (
        "/v1beta/models/slow:1:batchEmbedContents",
        #"{"requests":[{"content":{"parts":[{"text":"a"}]},"outputDimensionality":3},"#
          + #"{"content":{"parts":[{"text":"b"}]}}]}"#,
        "embeddings.1.values"
      ),
      (
        "/v1beta/models/slow:1:embedContent",
        #"{"content":{"parts":[{"text":"b"}]},"outputDimensionality":3}"#, "embedding.values"
      ),
      (
        "/v2/embed", #"{"model":"slow:1","texts":["a","b"],"input_type":"x","output_dimension":3}"#,
        "embeddings.float.1"
      ),
    ] as [(String, String, String)]) func `gives vectors of length one`(
      path: String, body: String, place: String
    ) throws
  {
    var service = try Fixtures.service(Fixtures.table()) {
      $0.pricing = { _, usage in .init(nanodollars: Int64(usage.input)) }
    }
    let reply = service.post(Data(body.utf8), to: path)
    #expect(reply.status == 200)
    let steps = place.split(separator: ".").map { step -> Any in Int(step).map { $0 as Any } ?? String(step) }
    let vector = try #require(Wire.at(try reply.json(), steps) as? [Double])
    #expect(vector.count == 3)
    #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6)
    #expect(service.ledger.total.outputTokens == 0)
    #expect(service.ledger.total.nanodollars == Int64(service.ledger.total.inputTokens))
    #expect(
      service.post(
        Data(body.replacing("slow:1", with: "none").utf8), to: path.replacing("slow:1", with: "none")
      ).status == 404)
  }

  @Test(arguments: [
    #"{"model":"slow:1","input":[]}"#, #"{"model":"slow:1","input":5}"#,
    #"{"model":"slow:1","input":[[1],"a",{}]}"#,
    #"{"model":"slow:1","input":"a","dimensions":99999}"#, #"{"model":"slow:1","input":[1,"a"]}"#,
  ]) func `refuses what cannot be embedded`(body: String) throws {
    var service = try Fixtures.service(Fixtures.table())
    #expect(service.post(Data(body.utf8), to: "/v1/embeddings").status == 400)
  }

  @Test func `the check of the event stream is CRC-32`() {
    // The check value of the algorithm's definition.
    #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
    for length in 0..<40 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37) }
      #expect(CRC32.of(bytes) == EventStreamReader.check(bytes))
    }
  }

  @Test func `base64 is as Foundation's`() {
    for count in 0..<6 {
      let vector = (0..<count).map { Float($0) * 0.37 - 1 }
      let bytes = vector.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
      #expect(Base64.of(vector) == Data(bytes).base64EncodedString())
    }
  }
}
