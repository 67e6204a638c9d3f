import Drayage
import Foundation

@testable import DrayageExecution

/// A TCP server on the loopback that sends exactly the bytes a script writes, and breaks connections as it
/// says.
///
/// The script runs once per connection, on a thread of the connection. The server ends when it is released.
final class ScriptedServer: Sendable {
  struct Count: Sendable {
    var connections = 0
    var open: Set<Int32> = []
    var mostOpen = 0
    var isStopped = false
  }

  let port: UInt16
  private let listener: Int32
  private let count = Locked(Count())

  /// Connections accepted so far.
  var connections: Int { count.withLock { $0.connections } }
  /// The most connections that were open at once.
  var mostOpen: Int { count.withLock { $0.mostOpen } }

  init(_ script: @escaping @Sendable (ServerConnection) -> Void) throws {
    (listener, port) = try loopbackSocket()
    guard listen(listener, 1024) == 0 else { throw SocketError(code: errno) }
    let listener = listener
    let count = count
    Thread.detachNewThread {
      while true {
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else { break }
        let number = count.withLock { count -> Int? in
          guard !count.isStopped else { return nil }
          count.connections += 1
          count.open.insert(socket)
          count.mostOpen = max(count.mostOpen, count.open.count)
          return count.connections
        }
        guard let number else {
          close(socket)
          break
        }
        Thread.detachNewThread {
          script(ServerConnection(socket: socket, number: number))
          count.withLock {
            $0.open.remove(socket)
            _ = close(socket)
          }
        }
      }
      close(listener)
    }
  }

  deinit {
    count.withLock {
      $0.isStopped = true
      for socket in $0.open { shutdown(socket, Int32(SHUT_RDWR)) }
    }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// The address of `path`, with a user, a password and a query that must never be shown.
  func url(_ path: String = "/v1/answer", scheme: String = "http") -> String {
    "\(scheme)://someone:\(secret)@127.0.0.1:\(port)\(path)?key=\(secret)"
  }
}

/// A word that occurs in everything secret that the tests send.
let secret = "sk-5ecret"

struct SocketError: Error {
  let code: Int32
}

/// A socket bound to a free port of the loopback. Until it listens, connections to that port are refused.
func loopbackSocket() throws -> (socket: Int32, port: UInt16) {
  #if canImport(Darwin)
    let socket = socket(AF_INET, SOCK_STREAM, 0)
  #else
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  #endif
  var address = loopbackAddress(port: 0)
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let code = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(socket, $0, length) == 0 ? getsockname(socket, $0, &length) : -1
    }
  }
  guard code == 0 else { throw SocketError(code: errno) }
  return (socket, UInt16(bigEndian: address.sin_port))
}

private func loopbackAddress(port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  address.sin_port = port.bigEndian
  return address
}

/// What a client sent.
struct ReceivedRequest: Sendable {
  let head: String
  let body: [UInt8]

  var lines: [String] { head.components(separatedBy: "\r\n") }

  func value(of field: String) -> String? {
    lines.dropFirst().first { $0.lowercased().hasPrefix(field.lowercased() + ":") }
      .map { String($0.dropFirst(field.count + 1)).trimmingCharacters(in: .whitespaces) }
  }
}

/// The server's end of one connection; belongs to the thread of its script.
final class ServerConnection {
  /// Counted from one.
  let number: Int
  private let socket: Int32
  private var pending: [UInt8] = []

  init(socket: Int32, number: Int) {
    self.socket = socket
    self.number = number
  }

  /// The next request; nil when the client has closed the connection.
  func readRequest() -> ReceivedRequest? {
    let end = Array("\r\n\r\n".utf8)
    var searched = 0
    var headEnd: Int?
    while headEnd == nil {
      if pending.count >= end.count {
        headEnd = (searched...(pending.count - end.count)).first {
          pending[$0..<$0 + end.count].elementsEqual(end)
        }
        searched = pending.count - end.count + 1
      }
      if headEnd == nil, !receive() { return nil }
    }
    guard let headEnd else { return nil }
    let head = String(decoding: pending[..<headEnd], as: UTF8.self)
    pending.removeFirst(headEnd + end.count)
    let length = ReceivedRequest(head: head, body: []).value(of: "content-length").flatMap { Int($0) } ?? 0
    while pending.count < length {
      guard receive() else { return nil }
    }
    let body = Array(pending.prefix(length))
    pending.removeFirst(length)
    return ReceivedRequest(head: head, body: body)
  }

  /// Waits until the client closes or resets the connection.
  func waitForClose() {
    while receive() { pending.removeAll() }
  }

  func write(_ text: String) { write(Array(text.utf8)) }

  func write(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      #if canImport(Darwin)
        let flags: Int32 = 0
      #else
        let flags = Int32(MSG_NOSIGNAL)
      #endif
      let count = bytes.withUnsafeBytes {
        send(socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent, flags)
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Writes a reply that announces its length.
  func reply(_ status: String = "200 OK", _ body: [UInt8] = [], fields: [String] = []) {
    let head = ["HTTP/1.1 \(status)"] + fields + ["Content-Length: \(body.count)", "", ""]
    write(Array(head.joined(separator: "\r\n").utf8) + body)
  }

  /// Makes the close that follows the script a reset.
  func resetAtEnd() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
  }

  /// Ends the stream to the client, which sees it before this returns.
  func endStream() { shutdown(socket, Int32(SHUT_WR)) }

  /// Passes bytes to and from a server on another port of the loopback, until the client has sent more than
  /// `limit` bytes or either side has ended.
  func relay(toPort port: UInt16, upTo limit: Int) {
    guard let (other, _) = try? loopbackSocket() else { return }
    defer { close(other) }
    var address = loopbackAddress(port: port)
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(other, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { return }
    let server = ServerConnection(socket: other, number: 0)
    var passed = 0
    while passed <= limit {
      var ends = [
        pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        pollfd(fd: other, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&ends, 2, -1) > 0 else { return }
      if ends[0].revents != 0 {
        guard receive() else { return }
        passed += pending.count
        server.write(pending)
        pending.removeAll()
      }
      if ends[1].revents != 0 {
        guard server.receive() else { return }
        write(server.pending)
        server.pending.removeAll()
      }
    }
  }

  private func receive() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    pending.append(contentsOf: buffer[..<count])
    return true
  }
}

/// Something that happens once in a while on another thread, and can be awaited.
struct Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func fire() { continuation.yield() }

  /// Waits for the next time, or takes one that has passed.
  func wait() async { for await _ in stream { return } }
}
