/// A streamed answer as it comes to be: asked for the next step at a time, it says what to send, or until when
/// to wait. It holds no text but where it stands.
struct AnswerStream: Sendable {
  enum Step {
    case write([UInt8])
    /// Nothing is due before this time, in seconds since the server's start.
    case wait(until: Double)
    /// The reply is over, in order.
    case end
    /// The connection closes in the middle of the reply.
    case breakOff
    case reset
    /// Nothing more is ever sent.
    case silence
  }

  private enum Stage { case opening, writing, ended }

  let answer: WireAnswer
  private let format: any WireFormat
  private let fault: FaultKind?
  /// When the first token is due, and the seconds from each to the next.
  private let firstToken: Double
  private let perToken: Double
  private let pieceTokens: Int
  /// How many tokens are written before the end or the fault.
  private let limit: Int
  private var stage = Stage.opening
  private var pieces = 0
  private var isMangled = false
  /// Output tokens written so far.
  private(set) var generated = 0

  /// - Parameters:
  ///   - firstToken: when the first token is due, in seconds since the server's start.
  ///   - perToken: seconds from one token to the next; 0 or more.
  ///   - pieceTokens: how many tokens go into an event, at least 1; the first goes alone.
  init(
    _ answer: WireAnswer, in format: any WireFormat, fault: FaultKind?, firstToken: Double, perToken: Double,
    pieceTokens: Int
  ) {
    self.answer = answer
    self.format = format
    self.fault = fault
    self.firstToken = firstToken
    self.perToken = perToken
    self.pieceTokens = pieceTokens
    let all = answer.usage.output
    switch fault {
    case .cut, .cutReset, .stall, .errorEvent, .truncated: limit = all - all / 2
    case .cutEarly, .stallEarly, .errorEarly: limit = 0
    default: limit = all
    }
  }

  var contentType: String { format.streamType(answer.request) }

  /// What is to be done at `now`.
  mutating func next(at now: Double) -> Step {
    switch stage {
    case .opening:
      stage = .writing
      let opening = fault == .cutEarly || fault == .errorEarly ? [] : format.opening(answer)
      return opening.isEmpty ? next(at: now) : .write(opening)
    case .writing:
      while generated < limit {
        let end = generated + min(generated == 0 ? 1 : pieceTokens, limit - generated)
        let due = due(end)
        guard now >= due else { return .wait(until: due) }
        let text = answer.text.text(generated..<end)
        generated = end
        guard !text.isEmpty else {
          // A text that is used up before its tokens are has nothing to send; its tokens count all the same.
          generated = max(end, tokensDue(at: now))
          continue
        }
        let bytes = mangled(format.piece(text, number: pieces, of: answer), isLast: false)
        pieces += 1
        if !bytes.isEmpty { return .write(bytes) }
      }
      return finish(at: now)
    case .ended:
      switch fault {
      case .truncated: return .breakOff
      case .cutReset: return .reset
      case .stall, .stallEarly: return .silence
      default: return .end
      }
    }
  }

  private mutating func finish(at now: Double) -> Step {
    let due = due(max(1, limit))
    guard now >= due || fault == .stallEarly || fault == .cutEarly else { return .wait(until: due) }
    stage = .ended
    switch fault {
    case .cut, .cutEarly, .cutReset, .stall, .stallEarly, .truncated: return next(at: now)
    case .errorEvent, .errorEarly:
      return .write(format.failure(FaultKind.failure, pieces: pieces, of: answer))
    default: return .write(mangled(format.closing(pieces: pieces, of: answer), isLast: true))
    }
  }

  /// When the last of the first `count` tokens is due.
  private func due(_ count: Int) -> Double { firstToken + perToken * Double(count - 1) }

  private func tokensDue(at now: Double) -> Int {
    let count = perToken > 0 ? (now - firstToken) / perToken : .infinity
    return count < Double(limit) ? Int(max(0, count)) : limit
  }

  /// Half-way through a malformed stream, an event that is not whole.
  private mutating func mangled(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
    guard fault == .malformed, !isMangled, isLast || generated * 2 >= limit, !bytes.isEmpty else {
      return bytes
    }
    isMangled = true
    return bytes.prefix(bytes.count / 3) + Array("\n\n".utf8)
  }
}
