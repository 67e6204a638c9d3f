import ArgumentParser
import DrayageExecution
import Foundation

/// Reads a part of an endless stream, stops reading, and prints what the server could send meanwhile.
struct Pause: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stops reading an endless stream, and prints what the server could send meanwhile.")

  @Argument(help: "The server's address, without a path.")
  var url: String

  /// What is printed; all in bytes.
  struct Figures: Codable {
    /// Read before the pause.
    let read: Int
    /// What the server had handed to its system since the beginning: one second into the pause, two seconds
    /// later, and after reading on. Each reading of these numbers adds a reply to them.
    let sentEarly: Int
    let sentLate: Int
    let sentAfter: Int
    /// Of the reply that tells the number.
    let replyBytes: Int
  }

  private struct Stats: Decodable { let bytes: Int }

  func run() async throws {
    let transport = CurlTransport(.init(usesProxyOfEnvironment: false))
    func sent() async throws -> Int {
      let reply = try await transport.send(HTTPRequest(method: "GET", url: url + "/stats"))
      return try JSONDecoder().decode(Stats.self, from: Data(reply.body)).bytes
    }
    let before = try await sent()
    let replyBytes = try await sent() - before
    let stream = try await transport.open(Body.request(to: url + "/v1/flood", streams: true))
    func read(_ bytes: Int) async throws -> Int {
      var count = 0
      while count < bytes, let piece = try await stream.next() { count += piece.count }
      return count
    }
    let count = try await read(4 << 20)
    try await Task.sleep(for: .seconds(1))
    let early = try await sent()
    try await Task.sleep(for: .seconds(2))
    let late = try await sent()
    _ = try await read(32 << 20)
    let after = try await sent()
    stream.cancel()
    let figures = Figures(
      read: count, sentEarly: early - before, sentLate: late - before, sentAfter: after - before,
      replyBytes: replyBytes)
    print(try figures.json)
  }
}
