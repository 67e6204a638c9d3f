import CCurl

extension CurlHandle {
  /// Has libcurl sign the request (Signature Version 4).
  ///
  /// Three things differ from what Amazon computes, and are seen to here or before
  /// (``HTTPRequest/checkSigning()``):
  /// - The path is signed as it stands in the address, not encoded once more. So the address holds the path
  ///   to be signed, and the one to be sent goes apart from it. From 8.15 on libcurl encodes it itself
  ///   (https://github.com/curl/curl/pull/17129).
  /// - Fields that are only named to keep libcurl from sending its own are signed too. So `Expect` is left to
  ///   libcurl, which sends it with bodies over 1 MiB on HTTP/1.1; it then waits no longer than a moment.
  /// - Lines are sorted as a whole, not by their names.
  func setSigning(_ signing: AWSSigning, of request: HTTPRequest) {
    set(CURLOPT_AWS_SIGV4, "aws:amz:\(signing.region):\(signing.service)")
    set(CURLOPT_USERNAME, signing.accessKey)
    set(CURLOPT_PASSWORD, signing.secretKey)
    if let token = signing.sessionToken { append("x-amz-security-token: \(token)") }
    set(CURLOPT_EXPECT_100_TIMEOUT_MS, 1)
    guard CurlHandle.signsPathAsWritten, let (base, path) = CurlHandle.split(request.url) else { return }
    let canonical = AWSSigning.canonicalPath(path)
    guard canonical != path else { return }
    set(CURLOPT_URL, base + canonical)
    set(CURLOPT_REQUEST_TARGET, String(path))
  }

  private static var signsPathAsWritten: Bool {
    guard let version = curl_version_info(CURLVERSION_FIRST) else { return true }
    return version.pointee.version_num < 0x08_0F00
  }

  /// An address up to its path, and the path; nil if it has none.
  private static func split(_ url: String) -> (base: Substring, path: Substring)? {
    guard let scheme = url.firstRange(of: "://"),
      let slash = url[scheme.upperBound...].firstIndex(of: "/")
    else { return nil }
    return (url[..<slash], url[slash...])
  }
}
