import Drayage

/// The pieces of a streamed body on their way from the loop's thread to the one task that reads them.
///
/// Holds at most ``highWater`` bytes and one piece more: what comes then waits at the sender.
final class StreamBuffer: Sendable {
  /// How a stream ended.
  enum End {
    case complete(HTTPReply.Timing)
    case failed(TransportFailure)
  }

  private struct State {
    var bytes: [UInt8] = []
    var end: End?
    /// The loop was told to stop delivering.
    var isPaused = false
    var reader: CheckedContinuation<Void, Never>?
  }

  static let highWater = 64 << 10

  private let state = Locked(State())

  /// What became of a piece.
  enum Reception {
    case taken
    /// Taken, and it is the first one that the reader waits for, to be woken by ``wake()``.
    case awaited
    /// Not taken: the loop pauses until the reader calls for more.
    case refused
  }

  /// Takes a piece from the loop's thread.
  func append(_ piece: UnsafeRawBufferPointer) -> Reception {
    state.withLock { state in
      guard state.bytes.count < Self.highWater else {
        state.isPaused = true
        return .refused
      }
      let isFirst = state.bytes.isEmpty
      state.bytes.append(contentsOf: piece)
      return isFirst && state.reader != nil ? .awaited : .taken
    }
  }

  /// Wakes the reader if it waits: once for all the pieces that have come meanwhile.
  func wake() {
    let reader = state.withLock { state in
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume()
  }

  /// Nothing more will come.
  func finish(_ end: End) {
    let reader = state.withLock { state in
      if state.end == nil { state.end = end }
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume()
  }

  /// What a reader finds.
  enum Piece {
    case bytes([UInt8])
    case end(TransportFailure?)
    case nothing
  }

  /// Everything that has come since the last call.
  ///
  /// - Parameter resume: called if the loop is paused.
  func take(resume: () -> Void) -> Piece {
    let (bytes, end, wasPaused) = state.withLock { state in
      let bytes = state.bytes
      state.bytes = []
      defer { state.isPaused = false }
      return (bytes, state.end, state.isPaused)
    }
    if wasPaused { resume() }
    guard bytes.isEmpty else { return .bytes(bytes) }
    return switch end {
    case .complete: .end(nil)
    case .failed(let failure): .end(failure)
    case nil: .nothing
    }
  }

  /// Everything that has come since the last call, waiting for the first byte of it; nil at the end.
  ///
  /// - Parameter resume: called if the loop is paused.
  nonisolated(nonsending) func next(resume: () -> Void) async throws(TransportFailure) -> [UInt8]? {
    while true {
      switch take(resume: resume) {
      case .bytes(let bytes): return bytes
      case .end(nil): return nil
      case .end(let failure?): throw failure
      case .nothing: break
      }
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard state.bytes.isEmpty, state.end == nil else { return true }
          precondition(state.reader == nil, "a stream is read by one task at a time")
          state.reader = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    }
  }

  /// How long it took; nil until it is complete.
  var timing: HTTPReply.Timing? {
    state.withLock { if case .complete(let timing)? = $0.end { timing } else { nil } }
  }

  /// Whether nothing more will come.
  var hasEnded: Bool { state.withLock { $0.end != nil } }
}
