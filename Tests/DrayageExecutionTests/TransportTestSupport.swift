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

/// A small generator with a seed (splitmix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
