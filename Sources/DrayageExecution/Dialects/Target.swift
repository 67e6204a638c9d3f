internal import Drayage
package import DrayageCore

/// An offer together with what is needed to reach it.
package final class Target: Sendable {
  package let offer: Offer
  package let dialect: any Dialect
  package let baseURL: String
  /// The same without slashes at its end.
  private let root: String
  /// Where most formats have chats: made once, as every request asks for it.
  let chatCompletions: String
  /// The model's name at the provider as JSON text, likewise.
  let quotedModel: String
  /// The secret, from the environment. Never printed.
  package let key: String?
  /// The secret as the bearer of which a request is let in (RFC 6750, section 2.1).
  private let bearer: String?
  /// The header that names an attempt, so that its repetition is not billed again; nil if there is none.
  let idempotencyHeader: String?
  /// Whether the address is the user's own choice, and not the provider's as the catalog has it.
  let isOwnAddress: Bool

  package init(offer: Offer, dialect: any Dialect, baseURL: String, key: String?) {
    self.offer = offer
    self.dialect = dialect
    self.baseURL = baseURL
    var base = baseURL[...]
    while base.hasSuffix("/") { base.removeLast() }
    root = String(base)
    chatCompletions = root + "/chat/completions"
    quotedModel = JSONText.quoted(offer.wireModel)
    self.key = key
    bearer = key.map { "Bearer \($0)" }
    idempotencyHeader = offer.endpoint?.idempotencyHeader
    isOwnAddress = baseURL != offer.endpoint?.baseURL
  }

  /// Whether a repetition under the same idempotency key is not billed again.
  package var isIdempotent: Bool { idempotencyHeader != nil }

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

  /// Lets a request in by the secret as bearer, if there is one.
  func authorize(_ fields: inout HTTPFields) {
    if let bearer { fields.append(bearer, for: "authorization") }
  }

  /// The address of `path`, which begins with a slash, below the base.
  func url(_ path: String) -> String { root + path }
}

extension Target: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The name of the offer.
  package var description: String { offer.id.description }
  /// The same as the description.
  package var debugDescription: String { description }
  /// Without children: `dump` would show the secret.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
