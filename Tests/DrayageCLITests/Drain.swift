import Foundation

/// Takes in all that a process writes into a pipe, so that it never blocks on a full one.
///
/// `@unchecked Sendable`: `bytes` and `ended` are reached under `lock`.
final class Drain: @unchecked Sendable {
  let pipe = Pipe()
  private let lock = NSLock()
  private var bytes: [UInt8] = []
  private var ended = false

  /// Begins to read, on a thread of its own.
  func start() {
    let descriptor = pipe.fileHandleForReading.fileDescriptor
    Thread.detachNewThread { [self] in
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        lock.withLock { bytes += buffer[..<count] }
      }
      lock.withLock { ended = true }
    }
  }

  /// What has come so far.
  var text: String { lock.withLock { String(decoding: bytes, as: UTF8.self) } }

  /// Whether the other end is closed.
  var isAtEnd: Bool { lock.withLock { ended } }
}
