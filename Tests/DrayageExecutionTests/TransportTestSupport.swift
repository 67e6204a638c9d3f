import Testing

@testable import DrayageExecution

/// A transport that ignores the proxies of whoever runs the tests.
func directTransport(
  certificateAuthorityFile: String? = nil, maxConnectionsPerHost: Int = 256
) -> CurlTransport {
  CurlTransport(
    CurlTransport.Configuration(
      certificateAuthorityFile: certificateAuthorityFile, usesProxyOfEnvironment: false,
      maxConnectionsPerHost: maxConnectionsPerHost))
}

/// A request whose every part holds the secret.
func secretRequest(
  _ method: String = "POST", to url: String, timeouts: Timeouts = Timeouts(),
  limits: HTTPRequest.Limits = HTTPRequest.Limits()
) -> HTTPRequest {
  HTTPRequest(
    method: method, url: url, fields: ["Authorization": "Bearer \(secret)", "X-Key": secret],
    body: method == "POST" ? Array(secret.utf8) : [], timeouts: timeouts, limits: limits)
}

/// The failure of `request`, checked to be free of secrets; nil, and an issue, if there was a reply.
func failureSending(
  _ request: HTTPRequest, over transport: CurlTransport, sourceLocation: SourceLocation = #_sourceLocation
) async -> TransportFailure? {
  do {
    let reply = try await transport.send(request)
    Issue.record("there was a reply: \(reply)", sourceLocation: sourceLocation)
    return nil
  } catch {
    expectNoSecret(in: error, sourceLocation: sourceLocation)
    #expect(!error.message.isEmpty, sourceLocation: sourceLocation)
    return error
  }
}

/// Expects every way of showing `value` to be free of the secret.
func expectNoSecret<Value>(in value: Value, sourceLocation: SourceLocation = #_sourceLocation) {
  var dumped = ""
  dump(value, to: &dumped)
  for text in ["\(value)", String(reflecting: value), dumped] {
    #expect(!text.contains(secret), sourceLocation: sourceLocation)
  }
}
