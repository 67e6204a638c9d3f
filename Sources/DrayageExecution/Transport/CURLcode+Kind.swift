import CCurl

extension CURLcode {
  /// What this error means, given how far the exchange had come and what libcurl wrote of it.
  func kind(for exchange: Exchange, detail: String?) -> TransportFailure.Kind {
    if exchange.collector.overflowed { return .tooLarge }
    if exchange.refusedToRepeat { return .reset }
    switch self {
    case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_NOT_BUILT_IN:
      return .invalidRequest
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      return .resolve
    case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED, CURLE_NO_CONNECTION_AVAILABLE:
      return .connect
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND,
      CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
      return .tls
    case CURLE_OPERATION_TIMEDOUT:
      // The only limit that libcurl keeps is that of the connection.
      return .timeout(phase: .connect)
    case CURLE_RECV_ERROR where detail?.contains("chunked-encoding") == true:
      // Bad chunks have the code of a bad connection; only the text tells them apart.
      return .protocolError
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND:
      // Before the request has begun, these come from the conversation with a proxy.
      return exchange.hasBegun ? .reset : .connect
    case CURLE_PARTIAL_FILE:
      return .truncated
    case CURLE_FILESIZE_EXCEEDED:
      return .tooLarge
    case CURLE_OUT_OF_MEMORY where exchange.hasBegun && !exchange.collector.headerIsComplete:
      // A single header line beyond 100 KB, which libcurl refuses before it is delivered.
      return .tooLarge
    default:
      return exchange.hasBegun ? .protocolError : .connect
    }
  }
}
