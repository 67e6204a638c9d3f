extension HTTPRequest {
  /// Refuses a signed request whose signature would not be what Amazon computes from it.
  ///
  /// - Throws: ``TransportFailure/Kind/invalidRequest``.
  func checkSigning() throws(TransportFailure) {
    guard let signing else { return }
    let parts = [
      signing.region, signing.service, signing.accessKey, signing.secretKey, signing.sessionToken ?? "-",
    ]
    guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }),
      !signing.region.contains(":"), !signing.service.contains(":")
    else {
      throw TransportFailure(
        invalid: "a key, region or service to sign with is empty, or holds a blank or character beyond ASCII")
    }
    // A query would have to be sorted and encoded anew.
    guard !url.contains("?"), !url.contains("#") else {
      throw TransportFailure(
        invalid: "the address of a signed request holds a query or fragment: leave it out")
    }
    // A user in the address would take the place of the access key.
    guard !url.contains("@") else {
      throw TransportFailure(
        invalid: "the address of a signed request holds an '@': leave out users, or write %40")
    }
    // libcurl signs the line that asks it to send no content type, but then does not send it.
    guard fields["content-type"] != nil else {
      throw TransportFailure(invalid: "a signed request has no content-type: name it")
    }
    let names = fields.entries.map { $0.name.lowercased() }
    let own = ["authorization", "x-amz-date", "x-amz-security-token", "host"]
    for name in names where own.contains(name) {
      throw TransportFailure(invalid: "the header field '\(name)' of a signed request is the transport's own")
    }
    // libcurl 7.88 sorts whole lines, where a hyphen comes before the colon, and lists blank fields wrongly.
    let signed = names + ["host", "x-amz-date", "x-amz-security-token"]
    for name in signed
    where signed.contains(where: { $0.hasPrefix(name + "-") }) || signed.count(where: { $0 == name }) > 1 {
      throw TransportFailure(
        invalid:
          "the header field '\(name)' of a signed request is there twice, or begins the name of another")
    }
    guard fields.entries.allSatisfy({ $0.value.contains { $0 != " " && $0 != "\t" } }) else {
      throw TransportFailure(invalid: "a header field of a signed request is blank: leave it out")
    }
  }
}
