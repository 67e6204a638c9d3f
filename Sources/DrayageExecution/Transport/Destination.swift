import CCurl

/// Where a request goes: all of its address that a message may show.
struct Destination: Hashable, CustomStringConvertible {
  var isSecure: Bool
  var host: String
  var port: String

  var description: String { "\(host):\(port)" }

  /// Takes an address apart.
  ///
  /// - Throws: ``TransportFailure/Kind/invalidRequest`` unless `url` is a whole `http` or `https` address.
  init(url: String) throws(TransportFailure) {
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw TransportFailure(
        invalid: "the address of a request holds a blank or control character: remove it")
    }
    let malformed = TransportFailure(
      invalid: "the address of a request is malformed: write it as https://host/path")
    guard let parser = curl_url() else { throw malformed }
    defer { curl_url_cleanup(parser) }
    // libcurl forgives a third slash, and would take the first part of the path for the host.
    guard let rest = Destination.afterScheme(url), rest.first != UInt8(ascii: "/"),
      curl_url_set(parser, CURLUPART_URL, url, 0) == CURLUE_OK,
      let scheme = Destination.part(CURLUPART_SCHEME, of: parser),
      let host = Destination.part(CURLUPART_HOST, of: parser), !host.isEmpty,
      let port = Destination.part(CURLUPART_PORT, of: parser)
    else { throw malformed }
    guard scheme == "http" || scheme == "https" else {
      throw TransportFailure(
        invalid: "the address of a request to \(host) must begin with https:// or http://")
    }
    self.isSecure = scheme == "https"
    self.host = host
    self.port = port
  }

  /// What follows the first `://`; nil if there is none.
  private static func afterScheme(_ url: String) -> Substring.UTF8View? {
    var rest = url[...].utf8
    while let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
      rest = rest[rest.index(after: colon)...]
      if rest.starts(with: "//".utf8) { return rest.dropFirst(2) }
    }
    return nil
  }

  private static func part(_ part: CURLUPart, of parser: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(parser, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else {
      return nil
    }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
