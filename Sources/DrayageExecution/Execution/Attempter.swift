import Drayage
import DrayageCore

/// Sends one attempt and says how it ended. Knows the wire; knows nothing of money, retries or other offers.
struct Attempter: Sendable {
  let transport: any Transport

  /// The most bytes of one event of a stream.
  private static let mostEventBytes = 4 << 20
  /// The most bytes of a reply that tells of a failure.
  private static let mostErrorBytes = 1 << 20

  /// Sends `call` and waits for the answer.
  ///
  /// - Parameter forward: takes the events of a streamed answer as they come in; it is awaited, so that a slow
  ///   caller slows the provider down. False ends the attempt as cancelled: another one has won.
  /// - Throws: why the target's wire format cannot carry the request; nothing was sent then.
  func send(
    _ call: Call, to target: Target, forward: (@Sendable (ChatEvent) async -> Bool)? = nil
  ) async throws(Rejection) -> AttemptEnd {
    let request = try target.dialect.request(call, to: target)
    let started = ContinuousClock.now
    var end =
      if call.streams, let forward {
        await stream(request, target, started, forward)
      } else {
        await whole(request, target)
      }
    end.seconds = started.duration(to: .now) / .seconds(1)
    return end
  }

  // MARK: Whole replies

  private func whole(_ request: HTTPRequest, _ target: Target) async -> AttemptEnd {
    do throws(TransportFailure) {
      return read(try await transport.send(request), target)
    } catch {
      return AttemptEnd(
        result: .failure(AttemptFailure(error.failureClass, error.message)),
        mayBeBilled: error.mayHaveBeenProcessed)
    }
  }

  private func read(_ reply: HTTPReply, _ target: Target) -> AttemptEnd {
    var end = self.end(reply.status, reply.fields, target)
    end.reply = reply
    guard (200..<300).contains(reply.status) else {
      return end.failed(
        target.dialect.failure(status: reply.status, fields: reply.fields, body: reply.body))
    }
    do throws(AttemptFailure) {
      end.result = .success(try target.dialect.answer(in: reply))
    } catch {
      return end.failed(error)
    }
    return end
  }

  /// What every reply tells, with no result yet.
  private func end(_ status: Int, _ fields: HTTPFields, _ target: Target) -> AttemptEnd {
    var end = AttemptEnd(result: .failure(AttemptFailure(.malformed, "status \(status)")))
    end.limits = RateLimitHeaders.report(fields, provider: target.offer.provider)
    end.requestID = fields["x-request-id"] ?? fields["request-id"] ?? fields["x-amzn-requestid"]
    end.score = fields["x-drayage-score"].flatMap(Double.init).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    return end
  }

  // MARK: Streams

  private func stream(
    _ request: HTTPRequest, _ target: Target, _ started: ContinuousClock.Instant,
    _ forward: @Sendable (ChatEvent) async -> Bool
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
    guard (200..<300).contains(reply.status), !type.hasPrefix("application/json") else {
      return await document(reply, request, target, started, forward)
    }
    var end = self.end(reply.status, reply.fields, target)
    var reader = StreamReader(target.dialect, mostEventBytes: Self.mostEventBytes)
    var answer = ChatAnswer()
    var hasBegun = false
    do {
      while !reader.isComplete, let piece = try await reply.next() {
        var events: [ChatEvent] = []
        var fault: (any Error)?
        do { try reader.take(piece, into: &events) } catch { fault = error }
        for event in events {
          answer.take(event)
          if event.isContent, !hasBegun {
            hasBegun = true
            end.firstToken = started.duration(to: .now) / .seconds(1)
          }
          guard await forward(event) else {
            return end.broken(AttemptFailure(.cancelled, "another attempt was faster"), answer, hasBegun)
          }
        }
        if let fault { throw fault }
      }
      guard reader.isComplete else {
        throw AttemptFailure(.truncated, "the stream ended before the answer did")
      }
      end.result = .success(answer)
      // What ends the reply is still under way; without it the connection could not be kept.
      Task { while (try? await reply.next()) ?? nil != nil {} }
      return end
    } catch let failure as AttemptFailure {
      return end.broken(failure, answer, hasBegun)
    } catch let failure as FramingError {
      return end.broken(AttemptFailure(.malformed, failure.message), answer, hasBegun)
    } catch let failure as TransportFailure {
      return end.broken(AttemptFailure(failure.failureClass, failure.message), answer, hasBegun)
    } catch {
      return end.broken(AttemptFailure(.malformed, "\(error)"), answer, hasBegun)
    }
  }

  /// Reads a reply that came whole where a stream was asked for, and passes it on as one.
  private func document(
    _ reply: HTTPStream, _ request: HTTPRequest, _ target: Target, _ started: ContinuousClock.Instant,
    _ forward: @Sendable (ChatEvent) async -> Bool
  ) async -> AttemptEnd {
    let isRefusal = !(200..<300).contains(reply.status)
    let most = isRefusal ? Self.mostErrorBytes : ReplyLimits.bytes
    var body: [UInt8] = []
    do throws(TransportFailure) {
      while body.count <= most, let piece = try await reply.next() { body += piece }
    } catch {
      let failure = AttemptFailure(error.failureClass, error.message)
      return AttemptEnd(result: .failure(failure), mayBeBilled: error.mayHaveBeenProcessed)
    }
    reply.cancel()
    let passed = started.duration(to: .now)
    var end = read(
      HTTPReply(
        status: reply.status, fields: reply.fields, body: Array(body.prefix(most)),
        timing: reply.timing ?? .init(connect: passed, firstByte: passed, total: passed)), target)
    guard case .success(let answer) = end.result else { return end }
    end.firstToken = passed / .seconds(1)
    for event in answer.events {
      guard await forward(event) else {
        return end.broken(AttemptFailure(.cancelled, "another attempt was faster"), answer, true)
      }
    }
    return end
  }
}

extension AttemptEnd {
  /// This end, with a failure that a whole reply tells of.
  fileprivate func failed(_ failure: AttemptFailure) -> AttemptEnd {
    var end = self
    end.result = .failure(failure)
    end.mayBeBilled = failure.kind.meaning.mayBeBilled
    return end
  }

  /// This end, with a failure within a stream.
  ///
  /// - Parameter hasBegun: whether some of the answer has reached the caller, who cannot be given another one.
  fileprivate func broken(_ failure: AttemptFailure, _ answer: ChatAnswer, _ hasBegun: Bool) -> AttemptEnd {
    var end = self
    end.mayBeBilled = true
    guard hasBegun else {
      end.result = .failure(failure)
      // An error as first event is a refusal like any other.
      end.mayBeBilled = failure.kind.meaning.mayBeBilled
      return end
    }
    end.partial = answer
    var failure = failure
    // What was metered so far is less than what will be billed.
    failure.usage = nil
    if failure.kind != .cancelled {
      failure.message = "the stream broke after its first token: \(failure.message)"
      failure.kind = .interrupted
    }
    end.result = .failure(failure)
    return end
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
