import Drayage
import DrayageCore

/// Sends one attempt and says how it ended. Knows the wire; knows nothing of money, retries or other offers.
final class Attempter: Sendable {
  /// Takes an event of a streamed answer; false if another attempt has won.
  typealias Forward = nonisolated(nonsending) @Sendable (ChatEvent) async -> Bool

  let transport: any Transport

  init(transport: any Transport) { self.transport = transport }

  /// The most bytes of one event of a stream.
  private static let mostEventBytes = 4 << 20
  /// The most bytes of a reply that tells of a failure.
  private static let mostErrorBytes = 1 << 20

  /// Sends `call` and waits for the answer.
  ///
  /// - Parameter forward: takes the events of a streamed answer as they come in; it is awaited, so that a slow
  ///   caller slows the provider down. False ends the attempt as cancelled: another one has won.
  /// - Throws: why the target's wire format cannot carry the request; nothing was sent then.
  nonisolated(nonsending) func send(
    _ call: Call, to target: Target, forward: Forward? = nil
  ) async throws(Rejection) -> AttemptEnd {
    let request = try target.dialect.request(call, to: target)
    let started = SteadyInstant.now
    var end =
      if call.streams, let forward {
        await stream(request, target, started, forward)
      } else {
        await whole(request, target)
      }
    end.seconds = (SteadyInstant.now - started).seconds
    return end
  }

  // MARK: Whole replies

  nonisolated(nonsending) private func whole(_ request: HTTPRequest, _ target: Target) async -> AttemptEnd {
    do throws(TransportFailure) {
      return read(try await transport.send(request), target)
    } catch {
      if let refusal = error.refusal, error.kind != .cancelled {
        // Of a refusal the status has come, and says enough.
        return read(HTTPReply(refusal), target)
      }
      return AttemptEnd(
        result: .failure(AttemptFailure(error.failureClass, error.message)),
        mayBeBilled: error.mayHaveBeenProcessed)
    }
  }

  private func read(_ reply: HTTPReply, _ target: Target) -> AttemptEnd {
    let (result, mayBeBilled) = meaning(of: reply, target)
    return AttemptEnd(
      result: result, mayBeBilled: mayBeBilled, reply: reply,
      limits: RateLimitHeaders.report(reply.fields, provider: target.offer.provider),
      score: score(reply.fields, target), requestID: Self.requestID(reply.fields))
  }

  /// What a reply comes to, and whether it may be billed.
  private func meaning(of reply: HTTPReply, _ target: Target) -> (Result<ChatAnswer, AttemptFailure>, Bool) {
    let failure: AttemptFailure
    switch reply.status {
    case 200..<300:
      do throws(AttemptFailure) {
        var answer = try target.dialect.answer(in: reply)
        answer.dropAbsurdUsage()
        return (.success(answer), true)
      } catch {
        // The provider took the request for answered, whatever it is that it sent.
        return (.failure(error), true)
      }
    case 300..<400:
      failure = AttemptFailure(
        .notFound, "status \(reply.status): redirects are not followed; correct the address")
    default:
      failure = target.dialect.failure(status: reply.status, fields: reply.fields, body: reply.body)
    }
    return (.failure(failure), failure.kind.meaning.mayBeBilled)
  }

  private static func requestID(_ fields: HTTPFields) -> String? {
    fields["x-request-id"] ?? fields["request-id"] ?? fields["x-amzn-requestid"]
  }

  private func score(_ fields: HTTPFields, _ target: Target) -> Double? {
    // A provider is not believed when it praises itself.
    guard target.isOwnAddress, let score = fields["x-drayage-score"].flatMap(Double.init), score.isFinite
    else { return nil }
    return score >= 0 ? score : nil
  }

  // MARK: Streams

  nonisolated(nonsending) private func stream(
    _ request: HTTPRequest, _ target: Target, _ started: SteadyInstant,
    _ forward: Forward
  ) async -> AttemptEnd {
    let reply: HTTPStream
    do throws(TransportFailure) {
      reply = try await transport.open(request)
    } catch {
      return AttemptEnd(
        result: .failure(AttemptFailure(error.failureClass, error.message)),
        mayBeBilled: error.mayHaveBeenProcessed)
    }
    // A provider that refuses, or that does not stream although asked to, sends one document.
    let type = reply.fields["content-type"]?.lowercased() ?? ""
    let isDocument = type.hasPrefix("application/json") || type.hasPrefix("text/html")
    guard (200..<300).contains(reply.status), !isDocument else {
      return await document(reply, request, target, started, forward)
    }
    var end = AttemptEnd(
      result: .failure(AttemptFailure(.malformed, "it is not read yet")),
      limits: RateLimitHeaders.report(reply.fields, provider: target.offer.provider),
      score: score(reply.fields, target), requestID: Self.requestID(reply.fields))
    var reader = StreamReader(target.dialect, mostEventBytes: Self.mostEventBytes)
    var answer = ChatAnswer()
    var hasBegun = false
    var hasEvents = false
    do {
      while !reader.isComplete, let piece = try await reply.next() {
        // What came before a fault has come: the caller gets it first.
        var events: [ChatEvent] = []
        let fault: (any Error)?
        do {
          try reader.take(piece, into: &events)
          fault = nil
        } catch {
          fault = error
        }
        hasEvents = hasEvents || !events.isEmpty
        for event in events {
          // Counts that come before the last of the answer are not all of it.
          if event.isContent, answer.usage != nil { answer.usage = nil }
          answer.take(event)
          if event.isContent, !hasBegun {
            hasBegun = true
            end.firstToken = (SteadyInstant.now - started).seconds
          }
          guard await forward(event) else {
            return end.broken(.overtaken, nil, hasEvents: true)
          }
        }
        if let fault { throw fault }
      }
      guard reader.isComplete else {
        throw AttemptFailure(.truncated, "the stream ended before the answer did")
      }
      answer.dropAbsurdUsage()
      end.result = .success(answer)
      Self.drain(reply)
      return end
    } catch {
      let failure =
        switch error {
        case let failure as AttemptFailure: failure
        case let failure as FramingError: AttemptFailure(.malformed, failure.message)
        case let failure as TransportFailure: AttemptFailure(failure.failureClass, failure.message)
        default: AttemptFailure(.malformed, "\(error)")
        }
      return end.broken(failure, hasBegun ? answer : nil, hasEvents: hasEvents)
    }
  }

  /// Takes in what ends the reply, so that its connection can be kept; gives up after a second, or 64 KiB.
  private static func drain(_ reply: HTTPStream) {
    // Most end together with the answer.
    guard !reply.hasEnded else { return }
    Task {
      let limit = Task {
        try? await Task.sleep(for: .seconds(1))
        if !Task.isCancelled { reply.cancel() }
      }
      var left = 64 << 10
      while left > 0, let piece = (try? await reply.next()) ?? nil { left -= piece.count }
      limit.cancel()
      if left <= 0 { reply.cancel() }
    }
  }

  /// Reads a reply that came whole where a stream was asked for, and passes it on as one.
  nonisolated(nonsending) private func document(
    _ reply: HTTPStream, _ request: HTTPRequest, _ target: Target, _ started: SteadyInstant,
    _ forward: Forward
  ) async -> AttemptEnd {
    let isRefusal = !(200..<300).contains(reply.status)
    let most = isRefusal ? Self.mostErrorBytes : ReplyLimits.bytes
    var body: [UInt8] = []
    do throws(TransportFailure) {
      while body.count <= most, let piece = try await reply.next() { body += piece }
    } catch {
      let failure = AttemptFailure(error.failureClass, error.message)
      // Of a refusal the status has come, and says enough.
      guard isRefusal, error.kind != .cancelled else {
        return AttemptEnd(result: .failure(failure), mayBeBilled: error.mayHaveBeenProcessed)
      }
    }
    reply.cancel()
    let span = SteadyInstant.now - started
    let passed = Duration(span)
    var end = read(
      HTTPReply(
        status: reply.status, fields: reply.fields, body: Array(body.prefix(most)),
        timing: reply.timing ?? .init(connect: passed, firstByte: passed, total: passed)), target)
    guard case .success(let answer) = end.result else { return end }
    end.firstToken = span.seconds
    for event in answer.events {
      guard await forward(event) else {
        return end.broken(.overtaken, nil, hasEvents: true)
      }
    }
    return end
  }
}

extension AttemptEnd {
  /// This end, with a failure within a stream.
  ///
  /// - Parameters:
  ///   - partial: what of the answer has reached the caller, who cannot be given another one; nil if nothing.
  ///   - hasEvents: whether the provider had begun to answer, if only to itself: what it metered by then is less
  ///     than what it bills.
  fileprivate func broken(_ failure: AttemptFailure, _ partial: ChatAnswer?, hasEvents: Bool) -> AttemptEnd {
    var end = self
    var failure = failure
    // A filter speaks last, after all was counted.
    if failure.kind != .contentFilter { failure.usage = nil }
    // An error as the first event is a refusal like any other.
    end.mayBeBilled = hasEvents || failure.kind.meaning.mayBeBilled
    end.partial = partial
    if partial != nil, failure.kind != .cancelled {
      failure.message = "the stream broke after its first token: \(failure.message)"
      failure.kind = .interrupted
      failure.usage = nil
    }
    end.result = .failure(failure)
    return end
  }
}

extension AttemptFailure {
  /// The end of an attempt whose answer nobody waits for any more.
  fileprivate static let overtaken = AttemptFailure(.cancelled, "another attempt was faster")
}

extension ChatAnswer {
  /// Forgets a usage that cannot be: no request has no input.
  mutating func dropAbsurdUsage() {
    guard let usage, usage.tokens.totalInput == 0, !usage.besides.contains(where: { $0.key.isInput }) else {
      return
    }
    self.usage = nil
  }
}

extension ChatAnswer {
  /// The answer as events, as if it had been streamed.
  fileprivate var events: [ChatEvent] {
    var events: [ChatEvent] = [.begin(id: id, model: model)]
    if !reasoning.isEmpty { events.append(.reasoning(reasoning)) }
    if !text.isEmpty { events.append(.text(text)) }
    if let refusal { events.append(.refusal(refusal)) }
    for (index, call) in toolCalls.enumerated() {
      events.append(.toolCall(index: index, id: call.id, name: call.name, arguments: call.arguments))
    }
    events.append(.finish(finish))
    if let usage { events.append(.usage(usage)) }
    return events
  }
}
