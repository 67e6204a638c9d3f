extension HTTPRequest {
  /// Makes sure that the request, but for its address, can be sent exactly as it is written.
  ///
  /// Line ends, NUL and other control characters are refused everywhere, so that no value can add a field or
  /// a second request.
  ///
  /// - Throws: ``TransportFailure/Kind/invalidRequest``.
  func check() throws(TransportFailure) {
    guard !method.isEmpty, method.utf8.allSatisfy(HTTPRequest.isTokenByte) else {
      throw TransportFailure(invalid: "the method of a request is not a word: use POST or GET")
    }
    guard method != "HEAD" || body.isEmpty else {
      throw TransportFailure(invalid: "a HEAD request has a body: leave it out or use POST")
    }
    for field in fields.entries { try HTTPRequest.check(field: field.name, field.value) }
    try checkSigning()
  }

  private static let framing = ["content-length", "transfer-encoding", "expect"]

  private static func check(field name: String, _ value: String) throws(TransportFailure) {
    guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
      throw TransportFailure(
        invalid: "the name of a header field is not a token: use letters, digits and hyphens")
    }
    guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw TransportFailure(
        invalid: "the value of the header field '\(name)' holds a line end or control character: remove it")
    }
    // A second opinion on where the body ends is how requests are smuggled.
    guard !framing.contains(where: { HTTPFields.sameName($0, name) }) else {
      throw TransportFailure(invalid: "the header field '\(name)' is the transport's own: leave it out")
    }
  }

  /// The bytes of a token (RFC 9110, section 5.6.2).
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default:
      "!#$%&'*+.^`|~".utf8.contains(byte)
    }
  }
}
