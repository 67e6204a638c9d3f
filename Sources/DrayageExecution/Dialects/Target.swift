package import DrayageCore

/// An offer together with what is needed to reach it.
package struct Target: Sendable {
  private let shared: SharedOffer
  package var offer: Offer { shared.offer }
  package let dialect: any Dialect
  package let baseURL: String
  /// The secret, from the environment. Never printed.
  package let key: String?

  package init(offer: Offer, dialect: any Dialect, baseURL: String, key: String?) {
    shared = SharedOffer(offer)
    self.dialect = dialect
    self.baseURL = baseURL
    self.key = key
  }

  /// Whether a repetition under the same idempotency key is not billed again.
  package var isIdempotent: Bool { offer.endpoint?.idempotencyHeader != nil }

  /// Whether the address is the user's own choice, and not the provider's as the catalog has it.
  var isOwnAddress: Bool { baseURL != offer.endpoint?.baseURL }

  /// Why its wire format cannot carry `body`; nil if it can.
  func rejection(of body: RequestBody) -> Rejection? {
    // Every format has a place for plain text.
    body.isPlain ? nil : rejection(ofAnything: body)
  }

  /// Why its wire format cannot carry any request to its offer; nil if it can carry some.
  var rejectionOfAny: Rejection? { (try? RequestBody(ChatRequest("."))).flatMap(rejection(ofAnything:)) }

  private func rejection(ofAnything body: RequestBody) -> Rejection? {
    do throws(Rejection) {
      _ = try dialect.request(
        Call(body, maxOutputTokens: offer.limits.output ?? 1, idempotencyKey: ""), to: live)
      return nil
    } catch {
      return error
    }
  }

  /// The address of `path`, which begins with a slash, below the base.
  func url(_ path: String) -> String {
    var base = baseURL
    while base.hasSuffix("/") { base.removeLast() }
    return base + path
  }
}

extension Target: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The name of the offer.
  package var description: String { offer.id.description }
  /// The same as the description.
  package var debugDescription: String { description }
  /// Without children: `dump` would show the secret.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
