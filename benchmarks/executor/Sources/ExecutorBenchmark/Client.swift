import AsyncHTTPClient
import DrayageExecution
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// One way of having a request answered.
protocol Client: Sendable {
  /// Has one request answered, and looks at the answer.
  nonisolated(nonsending) func ask() async throws
}

/// An answer that is not the server's.
struct WrongAnswer: Error {}

/// The bodies that are sent, the same as those of `raw.c`.
enum Body {
  private static let rest = """
    "max_completion_tokens":64,"messages":[{"role":"system","content":"Answer in one word."},{"role":"user",\
    "content":"Is the sky blue on a clear day?"}]}
    """
  static let whole = Array(("{\"model\":\"bench\"," + rest).utf8)
  static let streamed = Array(
    ("{\"model\":\"bench\",\"stream\":true,\"stream_options\":{\"include_usage\":true}," + rest).utf8)

  /// The request for the transport.
  ///
  /// - Parameter url: what `/chat/completions` is appended to.
  static func request(to url: String, streams: Bool) -> HTTPRequest {
    HTTPRequest(
      method: "POST", url: url + "/chat/completions",
      fields: [
        "content-type": "application/json", "accept": streams ? "text/event-stream" : "application/json",
        "authorization": "Bearer none",
      ], body: streams ? streamed : whole)
  }
}

/// The transport alone: the bytes of the reply, unread.
struct TransportClient: Client {
  let transport: CurlTransport
  let request: HTTPRequest
  let streams: Bool

  nonisolated(nonsending) func ask() async throws {
    var count = 0
    if streams {
      let stream = try await transport.open(request)
      while let piece = try await stream.next() { count += piece.count }
    } else {
      count = try await transport.send(request).body.count
    }
    guard count >= 200 else { throw WrongAnswer() }
  }
}

/// The whole executor: decide, reserve, send, read, settle.
struct ExecutorClient: Client {
  let executor: Executor
  let streams: Bool

  nonisolated(nonsending) func ask() async throws {
    let onEvent: (@Sendable (ChatEvent) async -> Void)? = streams ? { @Sendable _ in } : nil
    let execution = try await executor.execute(Market.request, onEvent: onEvent)
    guard !execution.answer.text.isEmpty, execution.bill != nil else { throw WrongAnswer() }
  }
}

/// A transport that has the server's answer at once: what remains is the executor itself.
struct ReadyTransport: Transport {
  private static let reply = HTTPReply(
    status: 200, fields: ["content-type": "application/json"],
    body: Array(
      #"""
      {"id":"chatcmpl-1","object":"chat.completion","created":1790000000,"model":"bench","choices":[{"index":0,\#
      "message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}],\#
      "usage":{"prompt_tokens":20,"completion_tokens":2,"total_tokens":22}}
      """#.utf8), timing: .init(connect: .zero, firstByte: .zero, total: .zero))

  nonisolated(nonsending) func send(
    _ request: HTTPRequest
  ) async throws(TransportFailure) -> HTTPReply { Self.reply }
}

/// async-http-client alone, the reply decoded by Foundation.
struct AsyncHTTPClientClient: Client {
  private struct Completion: Decodable {
    struct Choice: Decodable {
      struct Message: Decodable {
        let role: String
        let content: String?
      }
      let index: Int
      let message: Message
      let finishReason: String?

      enum CodingKeys: String, CodingKey {
        case index, message
        case finishReason = "finish_reason"
      }
    }
    struct Usage: Decodable {
      let promptTokens: Int
      let completionTokens: Int
      let totalTokens: Int

      enum CodingKeys: String, CodingKey {
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
        case totalTokens = "total_tokens"
      }
    }
    let id: String
    let model: String
    let choices: [Choice]
    let usage: Usage
  }

  let client: HTTPClient
  let url: String

  nonisolated(nonsending) func ask() async throws {
    var request = HTTPClientRequest(url: url + "/chat/completions")
    request.method = .POST
    request.headers = [
      "content-type": "application/json", "accept": "application/json", "authorization": "Bearer none",
    ]
    request.body = .bytes(ByteBuffer(bytes: Body.whole))
    let response = try await client.execute(request, timeout: .seconds(60))
    let bytes = try await response.body.collect(upTo: 1 << 20)
    let completion = try JSONDecoder().decode(Completion.self, from: bytes)
    guard completion.choices.first?.message.content == "Yes." else { throw WrongAnswer() }
  }
}
