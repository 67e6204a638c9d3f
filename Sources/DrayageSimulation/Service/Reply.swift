import Foundation

/// What goes back over the wire, when, and how much of it.
struct Reply {
  /// How the reply reaches the client, or does not.
  enum Delivery {
    case whole
    /// The length of all is announced, half is sent, the connection is closed.
    case truncated
    /// The connection is reset instead.
    case reset
    /// Nothing is ever sent.
    case never
  }

  var status = 200
  var headers: [(name: String, value: String)] = []
  var body = Data()
  /// Seconds to wait first.
  var delay = 0.0
  var delivery = Delivery.whole

  /// `value` as JSON.
  init(status: Int = 200, json value: some Encodable) {
    self.status = status
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Encoding fails only on numbers that are not finite, and no reply holds any.
    body = (try? encoder.encode(value)) ?? Data("{}".utf8)
  }

  init(_ error: APIError) {
    self.init(status: error.status, json: error)
  }
}
