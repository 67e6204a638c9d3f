import Foundation

/// A client that is nothing but a socket, so that what a fault does to the connection can be seen.
final class WireClient {
  /// What arrived, and how it ended.
  struct Response {
    enum Ending { case complete, closed, reset }

    var status: Int?
    var headers: [String: String] = [:]
    var body = Data()
    var ending: Ending

    var text: String { String(decoding: body, as: UTF8.self) }

    func json() throws -> [String: Any] {
      try JSONSerialization.jsonObject(with: body) as? [String: Any] ?? [:]
    }
  }

  struct Refused: Error {}

  // A closed connection is to show in the response, not as a signal.
  #if canImport(Darwin)
    private static let stream = SOCK_STREAM
    private static let sendFlags: Int32 = 0
  #else
    private static let stream = Int32(SOCK_STREAM.rawValue)
    private static let sendFlags = Int32(MSG_NOSIGNAL)
  #endif

  private let descriptor: Int32
  private var received = Data()

  init(port: Int) throws {
    descriptor = socket(AF_INET, Self.stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    // A guard against a test that hangs for ever; nothing waits for it.
    var timeout = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    #if canImport(Darwin)
      var on: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
    #endif
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Refused() }
  }

  deinit { close(descriptor) }

  /// Makes the system take in little that is not read, so that a server soon notices.
  func shrinkBuffer() {
    var size: Int32 = 4096
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
  }

  func post(_ body: Data, headers: [String] = [], path: String = "/v1/chat/completions") throws -> Response {
    send(Self.request("POST", path, body, headers: headers))
    return try response()
  }

  func get(_ path: String) throws -> Response {
    send(Self.request("GET", path, Data()))
    return try response()
  }

  static func request(_ method: String, _ path: String, _ body: Data, headers: [String] = []) -> Data {
    let lines = ["\(method) \(path) HTTP/1.1", "host: localhost", "content-length: \(body.count)"] + headers
    return Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
  }

  /// Sends what the other side takes; a connection that it closed shows in the response.
  func send(_ data: Data) {
    var sent = 0
    while sent < data.count {
      let count = data[data.startIndex + sent..<data.endIndex].withUnsafeBytes {
        Foundation.send(descriptor, $0.baseAddress, $0.count, Self.sendFlags)
      }
      if count <= 0 { return }
      sent += count
    }
  }

  /// The next response of the connection; `toHead` if it answers a HEAD request and so has no body.
  func response(toHead: Bool = false) throws -> Response {
    var response = Response(ending: .complete)
    let blank = Data("\r\n\r\n".utf8)
    while received.range(of: blank) == nil {
      if let ending = receive() { return Response(ending: ending) }
    }
    guard let end = received.range(of: blank) else { return response }
    let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    received = Data(received[end.upperBound...])
    response.status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) }
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      response.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    if response.headers["transfer-encoding"] == "chunked" { return chunked(response) }
    let length = toHead ? 0 : response.headers["content-length"].flatMap { Int($0) } ?? 0
    while received.count < length {
      if let ending = receive() {
        response.body = received
        response.ending = ending
        return response
      }
    }
    response.body = Data(received.prefix(length))
    received = Data(received.dropFirst(length))
    return response
  }

  /// The rest of a response in chunks; complete only with the last, empty one.
  private func chunked(_ head: Response) -> Response {
    var response = head
    while true {
      var end: Data.Index?
      while true {
        end = received.range(of: Data("\r\n".utf8))?.lowerBound
        if end != nil { break }
        if let ending = receive() {
          response.ending = ending
          return response
        }
      }
      guard let end, let length = Int(String(decoding: received[..<end], as: UTF8.self), radix: 16) else {
        return response
      }
      while received.endIndex - end < length + 4 {
        if let ending = receive() {
          response.body += received[(end + 2)...].prefix(length)
          response.ending = ending
          return response
        }
      }
      response.body += received[(end + 2)..<(end + 2 + length)]
      received = Data(received[(end + 4 + length)...])
      if length == 0 { return response }
    }
  }

  /// Reads until `text` has arrived; false if the connection ends before.
  func receive(until text: String) -> Bool {
    while received.range(of: Data(text.utf8)) == nil {
      if receive() != nil { return false }
    }
    return true
  }

  /// Reads once; how the connection ended if it did.
  private func receive() -> Response.Ending? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count > 0 {
      received.append(contentsOf: buffer[..<count])
      return nil
    }
    return count == 0 ? .closed : .reset
  }
}
