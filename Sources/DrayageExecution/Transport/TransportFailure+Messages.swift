extension TransportFailure {
  /// A failure of an exchange with `destination`, told in one sentence for each kind.
  ///
  /// - Parameters:
  /// - detail: What the library says of a connection that was not made; nil for anything a server could have
  ///   written.
  ///   - begun: Whether the request was handed to an established connection.
  init(
    _ kind: Kind, with destination: Destination, timeouts: Timeouts, limits: HTTPRequest.Limits,
    detail: String? = nil, begun: Bool
  ) {
    let reason = detail.map { " (\($0))" } ?? ""
    let text =
      switch kind {
      case .invalidRequest:
        "the request to \(destination) cannot be sent\(reason): check its address and header fields"
      case .resolve:
        "cannot resolve the name of \(destination)\(reason): check its spelling, proxy settings and DNS"
      case .connect:
        "cannot connect to \(destination)\(reason): check that the service is up, the port and proxy settings"
      case .tls:
        "no trusted TLS connection to \(destination)\(reason): check the certificate authorities and clock"
      case .timeout(let phase):
        "\(destination) exceeded the \(phase.rawValue) timeout of \(timeouts[phase]): try later or raise it"
      case .reset:
        "the connection to \(destination) broke before the reply was complete: try again"
      case .truncated:
        "\(destination) ended its reply before the announced length: try again"
      case .tooLarge:
        "the reply of \(destination) is larger than \(limits.headerBytes) bytes of header or "
          + "\(limits.bodyBytes) bytes of body: raise the limits if that is expected"
      case .protocolError:
        "\(destination) sent something that is no valid HTTP reply: check that the address is the service's"
      case .cancelled:
        "the request to \(destination) was cancelled"
      }
    let warning = begun ? "; the request may have been processed and billed" : ""
    self.init(kind: kind, message: text + warning, mayHaveBeenProcessed: begun)
  }

  /// The failure of a request that was refused before it reached the network.
  init(invalid message: String) {
    self.init(kind: .invalidRequest, message: message, mayHaveBeenProcessed: false)
  }

  /// The failure of a request that came after the end.
  static let afterShutdown = TransportFailure(
    kind: .cancelled, message: "the transport was shut down: make a new one to send more",
    mayHaveBeenProcessed: false)
}
