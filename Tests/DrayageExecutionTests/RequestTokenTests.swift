import Drayage
import DrayageCore
import DrayageProfiles
import Foundation
import Testing

@testable import DrayageExecution

/// How many tokens a request's body is expected to be.
struct RequestTokenTests {
  private func body(_ text: String) throws -> RequestBody {
    let bytes = Array(text.utf8)
    let node = try JSONNode.parse(bytes, file: "body")
    return try RequestBody(node, in: bytes) { InputError($0, file: "body", key: $1, message: $2) }
  }

  /// A vocabulary of the 256 bytes alone: every byte of a text is a token.
  private func bytewise() throws -> Vocabulary {
    let lines = (0..<256).map { Data([UInt8($0)]).base64EncodedString() + " \($0)\n" }
    return try Vocabulary(tiktoken: Array(lines.joined().utf8), pattern: .o200k)
  }

  @Test func `a vocabulary counts what estimates are of`() throws {
    let vocabulary = try bytewise()
    let around = RequestOverhead(.o200k)
    for (text, bytes, messages, names, tools) in [
      (#"{"messages":[{"role":"user","content":"hello world"}]}"#, 11, 1, 0, 0),
      (
        #"{"messages":[{"role":"user","name":"a","content":[{"type":"text","text":"h\u00e9"}]},{"role":"user"}]}"#,
        3, 2, 1, 0
      ),
      (#"{"messages":[{"role":"user","content":"x"}],"tools":[{"a":1}]}"#, 10, 1, 0, 1),
    ] {
      let body = try body(text)
      let expected = bytes + around.estimate(messages: messages, names: names, tools: tools).expected
      #expect(body.inputTokens(family: .o200k, by: vocabulary) == min(text.utf8.count, expected), "\(text)")
      #expect(body.inputTokens(family: .o200k, by: vocabulary) <= body.inputTokenBound)
    }
  }

  @Test func `each family has its own overhead and estimate`() throws {
    let words = Array(repeating: "Lorem ipsum dolor sit amet,", count: 40).joined(separator: " ")
    let body = try body(#"{"messages":[{"role":"user","content":"\#(words)"}]}"#)
    for (at, family) in TokenFamily.all.enumerated() {
      let expected =
        TokenEstimator(family).estimate(words).expected
        + RequestOverhead(family).estimate(messages: 1).expected
      #expect(body.inputTokens(family: family) == expected, "\(family.name)")
      #expect(body.inputTokensByFamily[at] == expected, "\(family.name)")
    }
  }
}

/// Pictures in requests.
struct RequestPictureTests {
  private func body(_ parts: String) throws -> RequestBody {
    let text = Array(#"{"messages":[{"role":"user","content":[\#(parts)]}]}"#.utf8)
    return try RequestBody(try JSONNode.parse(text, file: "body"), in: text) {
      InputError($0, file: "body", key: $1, message: $2)
    }
  }

  private func picture(_ url: String, detail: String? = nil) -> String {
    let detail = detail.map { #","detail":"\#($0)""# } ?? ""
    return #"{"type":"image_url","image_url":{"url":"\#(url)"\#(detail)}}"#
  }

  @Test func aPictureNeedsEyesAndCountsByTheRuleOfEachFamily() throws {
    let words = #"{"type":"text","text":"what is this?"}"#
    let plain = try body(words)
    #expect(!plain.capabilities.contains(.image))
    // A GIF of 300 by 200 pixels: one tile of OpenAI's.
    let small = try body(words + "," + picture("data:image/gif;base64,R0lGODlhLAHIAA=="))
    #expect(small.capabilities.contains(.image) && !small.isPlain)
    #expect(
      small.inputTokens(family: .o200k) - plain.inputTokens(family: .o200k) == 85 + 170)
    let low = try body(words + "," + picture("data:image/gif;base64,R0lGODlhLAHIAA==", detail: "low"))
    #expect(low.inputTokens(family: .o200k) - plain.inputTokens(family: .o200k) == 85)
    // Its bytes say nothing of a picture that lies elsewhere.
    let far = try body(words + "," + picture("https://a.test/x.png"))
    for family in TokenFamily.all {
      #expect(far.inputTokenBound >= far.inputTokens(family: family))
      #expect(small.inputTokenBound >= small.inputTokens(family: family))
    }
    for model in ["gpt-4o-mini", "claude-opus-5", "gemini-2.5-pro", "gpt-6"] {
      let most = ImageRule(model: model).estimate(width: 4_000, height: 3_000, detail: .high).bound
      #expect(far.inputTokenBound - plain.inputTokenBound >= most, "\(model)")
    }
  }

  @Test func `families that are asked for are counted, and no others`() throws {
    let body = try RequestBody(ChatRequest("Wie weit ist es von Lissabon bis Riga, über Land gerechnet?"))
    let all = body.inputTokensByFamily
    let places = [TokenFamily.o200k, .claude47, .unknown].compactMap { TokenFamily.all.firstIndex(of: $0) }
    let some = body.inputTokens(families: places)
    #expect(places.count == 3 && some.count == all.count)
    for place in all.indices { #expect(some[place] == (places.contains(place) ? all[place] : 0)) }
    #expect(all == TokenFamily.all.map { body.inputTokens(family: $0) })
    #expect(some[places[1]] > some[places[0]])
  }
}
