import Foundation

/// What goes back over the wire, when, and how much of it.
struct Reply {
  /// How the reply reaches the client, or does not.
  enum Delivery {
    case whole
    /// The length of all is announced, half is sent, the connection is closed.
    case truncated
    /// The same, and the connection is reset.
    case truncatedByReset
    /// The length of all is announced, nothing of it is sent, the connection is closed.
    case headOnly
    /// The length of all is announced, half is sent, then nothing.
    case stalled
    /// The length of all is announced, then nothing.
    case stalledAtHead
    /// The connection is reset instead.
    case reset
    /// Nothing is ever sent.
    case never
  }

  var status = 200
  var headers: [(name: String, value: String)] = []
  var contentType = "application/json"
  var body = Data()
  /// The body as it comes to be, instead of `body`.
  var stream: AnswerStream?
  /// Seconds to wait first.
  var delay = 0.0
  var delivery = Delivery.whole
  /// To be handed back when the reply is over.
  var ticket: Ticket?

  init(status: Int = 200, _ value: JSONValue) {
    self.status = status
    body = Data(value.bytes)
  }

  /// `value` as JSON.
  init(json value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Encoding fails only on numbers that are not finite, and no reply holds any.
    body = (try? encoder.encode(value)) ?? Data("{}".utf8)
  }

  init(_ refusal: WireRefusal) {
    self.init(status: refusal.status, refusal.body)
    headers = refusal.headers
  }
}

/// A request in progress: what is still to be put on the books when its reply is over.
struct Ticket {
  let answer: Answer
  /// Whether it is billed by what was written, at its end.
  let isOpen: Bool
  /// Under what key the answer is kept once it is whole, and of which body.
  let key: String?
  let digest: Int
}
