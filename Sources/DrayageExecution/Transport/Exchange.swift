import CCurl
import Synchronization

/// One request on its way to a reply, from the moment it is handed to the loop.
///
/// `@unchecked Sendable`: made and given its continuation by the sender, then touched by the loop's thread
/// only, the handover being the loop's lock. `isCancelled` alone is set from elsewhere, and is atomic.
final class Exchange: @unchecked Sendable {
  typealias Outcome = Result<HTTPReply, TransportFailure>

  /// What becomes of a piece of body.
  enum Reception {
    case taken
    /// To be delivered again once the reader calls for it.
    case pause
    case abort
  }

  let request: HTTPRequest
  let destination: Destination
  /// Where the body goes if it is read as it comes in; nil for a reply that is collected whole.
  let stream: StreamBuffer?
  private(set) var collector: ReplyCollector
  private(set) var clock: ExchangeClock
  private var watch: DeadlineWatch?
  private var awaited: AwaitedStreams?
  /// What carries it, while it is under way, and its place among the loop's exchanges.
  var carrier: (handle: CurlHandle, place: Int)?
  /// Resumed exactly once: when the whole reply has come, or, of a stream, its header.
  private var continuation: CheckedContinuation<Void, Never>?
  /// What the sender waits for; there once it has been resumed, and left alone from then on.
  private(set) var outcome: Outcome?
  /// A second sending was prevented, as it could have been processed twice.
  private(set) var refusedToRepeat = false
  private let cancelled = Atomic(false)

  init(
    _ request: HTTPRequest, to destination: Destination, within limits: ExchangeClock.Limits,
    stream: StreamBuffer? = nil, at now: SteadyInstant
  ) {
    self.request = request
    self.destination = destination
    self.stream = stream
    collector = ReplyCollector(limits: request.limits)
    clock = ExchangeClock(limits: limits, startedAt: now)
  }

  /// Whether the request may have reached the service.
  var hasBegun: Bool { clock.begun != nil }

  /// Whether the calling task was cancelled. Once true it stays true: a cancel that comes before the start is
  /// not lost.
  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  func cancel() { cancelled.store(true, ordering: .releasing) }

  func await(with continuation: CheckedContinuation<Void, Never>) {
    self.continuation = continuation
  }

  func finish(with outcome: Outcome) {
    resume(with: outcome)
    switch outcome {
    case .success(let reply): stream?.finish(.complete(reply.timing))
    case .failure(let failure): stream?.finish(.failed(failure))
    }
  }

  private func resume(with outcome: @autoclosure () -> Outcome) {
    guard let continuation else { return }
    self.continuation = nil
    self.outcome = outcome()
    continuation.resume()
  }

  /// The time of the loop's present turn.
  var now: SteadyInstant { watch?.now ?? .now }

  /// Decides, when a connection is ready, whether the request may be sent on it.
  ///
  /// When a reused connection turns out to be dead before a byte of the reply has come, libcurl sends the
  /// request again on a fresh one, up to five times, whatever the method and however much was already sent
  /// (7.88, `Curl_retry_request`). The service may have processed the first sending, so only idempotent
  /// requests are let through a second time.
  func mayBegin(at now: SteadyInstant) -> Bool {
    if hasBegun && !request.isIdempotent {
      refusedToRepeat = true
      return false
    }
    clock.begin(at: now)
    watch?.note(clock.deadline.at)
    return true
  }

  /// Takes a header line. Returns whether to go on.
  func takeLine(_ line: UnsafeRawBufferPointer, at now: SteadyInstant) -> Bool {
    receive(at: now)
    guard collector.takeLine(line) else { return false }
    if stream != nil, collector.headerIsComplete {
      resume(with: .success(reply(endedAt: now)))
    }
    return true
  }

  /// Takes a piece of body.
  func takeBody(_ piece: UnsafeRawBufferPointer, at now: SteadyInstant) -> Reception {
    guard let stream else {
      receive(at: now)
      return collector.takeBody(piece) ? .taken : .abort
    }
    guard collector.hasRoom(for: piece.count) else { return .abort }
    switch stream.append(piece) {
    case .refused:
      clock.pause()
      return .pause
    case .awaited: awaited?.streams.append(stream)
    case .taken: break
    }
    receive(at: now)
    collector.passBody(piece.count)
    return .taken
  }

  /// The reader of the stream is ready for more.
  func resume(at now: SteadyInstant) {
    clock.receive(at: now)
    watch?.note(clock.deadline.at)
  }

  private func receive(at now: SteadyInstant) {
    let isFirst = clock.firstByte == nil
    clock.receive(at: now)
    // Later bytes only move the deadline back.
    if isFirst { watch?.note(clock.deadline.at) }
  }

  /// Has `watch` told of every deadline that is earlier than the one before it, and `awaited` of every piece
  /// of a stream that its reader waits for.
  func report(to watch: DeadlineWatch, _ awaited: AwaitedStreams) {
    self.watch = watch
    self.awaited = awaited
    watch.note(clock.deadline.at)
  }

  func failure(_ kind: TransportFailure.Kind, detail: String? = nil) -> TransportFailure {
    TransportFailure(
      kind, with: destination, timeouts: request.timeouts, limits: request.limits, detail: detail,
      begun: hasBegun)
  }

  /// What libcurl's verdict means for the sender.
  func outcome(of code: CURLcode, detail: String?, at now: SteadyInstant) -> Outcome {
    guard code == CURLE_OK else {
      let kind = code.kind(for: self, detail: detail)
      // After the request has begun, the library's text may quote the server.
      var failure = failure(kind, detail: hasBegun ? nil : detail)
      if collector.headerIsComplete, !(200..<300).contains(collector.status) {
        failure.refusal = .init(status: collector.status, fields: collector.fields)
      }
      return .failure(failure)
    }
    guard collector.status >= 200 else { return .failure(failure(.protocolError)) }
    return .success(reply(endedAt: now))
  }

  private func reply(endedAt now: SteadyInstant) -> HTTPReply {
    HTTPReply(
      status: collector.status, fields: collector.fields, body: collector.body,
      timing: clock.timing(endedAt: now))
  }
}
