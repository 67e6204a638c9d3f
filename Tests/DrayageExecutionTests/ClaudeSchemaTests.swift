import Testing

@testable import DrayageCore
@testable import DrayageExecution

struct ClaudeSchemaTests {
  private func check(_ text: String) throws(Rejection) {
    try ClaudeSchema.check(JSONFragment(unchecked: text), key: "k")
  }

  @Test func `a long chain of definitions is read, and a long circle is refused`() throws {
    for count in [1, 2, 3_000] {
      var definitions = (0..<count).map { ##""d\##($0)":{"$ref":"#/$defs/d\##($0 + 1)"}"## }
      let end = ##","d\##(count)":{"type":"string"}}}"##
      let begin = ##"{"$ref":"#/$defs/d0","$defs":{"##
      try check(begin + definitions.joined(separator: ",") + end)
      definitions[count - 1] = ##""d\##(count - 1)":{"$ref":"#/$defs/d0"}"##
      #expect(throws: Rejection.inexpressible("k that refers to itself")) {
        try check(begin + definitions.joined(separator: ",") + end)
      }
    }
  }

  @Test func `a definition that is used twice is no circle`() throws {
    try check(
      ##"{"anyOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/a"},{"$ref":"#/$defs/b"}],"##
        + ##""$defs":{"a":{"type":"string"},"b":{"type":"array","items":{"$ref":"#/$defs/a"}}}}"##)
  }

  @Test(arguments: [
    "7", "[]", "true", "null", "{", "", #"{"items":true}"#, #"{"properties":[]}"#, #"{"anyOf":{}}"#,
    #"{"$defs":[]}"#,
    #"{"enum":{}}"#, ##"{"$ref":"#/properties/a"}"##, #"{"$ref":7}"#, #"{"if":{}}"#,
  ])
  func `what is no schema of the kind is refused`(text: String) {
    #expect(throws: Rejection.self) { try check(text) }
  }

  @Test func `a schema of absurd size is refused`() {
    let schemas = Array(repeating: #"{"type":"string"}"#, count: 10_001).joined(separator: ",")
    #expect(throws: Rejection.self) { try check(#"{"anyOf":[\#(schemas)]}"#) }
  }

  @Test func `cache marks by the thousand are refused at once`() {
    var message = ChatMessage(.user, content: Array(repeating: .text("x"), count: 50_000))
    message.cacheControls = message.content.indices.map {
      .init(part: $0, value: JSONFragment(unchecked: #"{"type":"ephemeral"}"#))
    }
    #expect(throws: Rejection.inexpressible("more than four of messages.cache_control")) {
      try ChatTurns([message], names: .init(mostBytes: 64) { _ in true })
    }
  }

  @Test func `calls of a user are refused`() {
    let call = ToolCall(id: "a", name: "f", arguments: "{}")
    #expect(throws: Rejection.inexpressible("messages.tool_calls of the user")) {
      try ChatTurns(
        [ChatMessage(.user, content: [.text("x")], toolCalls: [call])],
        names: .init(mostBytes: 64) { _ in true })
    }
  }
}
