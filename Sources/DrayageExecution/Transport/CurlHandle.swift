import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One easy handle of libcurl, used for one exchange after another, on the loop's thread only.
///
/// Owns the handle, its list of header lines and its error text. The callbacks are given the exchange
/// unretained: the loop keeps it alive until the handle has left the multi handle, after which libcurl makes
/// no more calls.
final class CurlHandle {
  let easy: UnsafeMutableRawPointer
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var lines: UnsafeMutablePointer<curl_slist>?
  /// What is set, for the next exchange, which is often alike; nil if everything is to be set.
  private var settings: Settings?
  /// The fields that ``lines`` hold.
  private var fields: HTTPFields?

  /// What an exchange sets besides its fields and its body.
  private struct Settings: Equatable {
    let url: String
    let method: String
    let hasBody: Bool
    let isSecure: Bool
    let connect: Duration
    let bodyBytes: Int

    /// Nil for a request that is signed: its keys are not kept.
    init?(_ exchange: Exchange) {
      let request = exchange.request
      guard request.signing == nil else { return nil }
      url = request.url
      method = request.method
      hasBody = !request.body.isEmpty
      isSecure = exchange.destination.isSecure
      connect = request.timeouts.connect
      bodyBytes = request.limits.bodyBytes
    }
  }
  /// The first error among the settings of the current exchange.
  private var refusal = CURLE_OK

  init?() {
    guard let easy = curl_easy_init() else {
      errorText.deallocate()
      return nil
    }
    self.easy = easy
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(lines)
    errorText.deallocate()
  }

  /// What libcurl wrote about its last error, printable and short; nil if it wrote nothing, or something that
  /// may quote the user information of a proxy's address.
  var detail: String? {
    let text = String(cString: errorText).unicodeScalars
      .map { $0.isASCII && $0.value >= 0x20 && $0.value != 0x7F ? Character($0) : "?" }
      .prefix(200)
    return text.isEmpty || text.contains("@") ? nil : String(text)
  }

  /// Sets everything that `exchange` needs, as far as the one before has not left it set.
  ///
  /// - Parameter events: is told of the connections' sockets; outlives them.
  /// - Returns: `CURLE_OK`, or the first error of a setting.
  func prepare(
    for exchange: Exchange, _ configuration: CurlTransport.Configuration, _ events: SocketEvents
  ) -> CURLcode {
    refusal = CURLE_OK
    let settings = Settings(exchange)
    if settings == nil || settings != self.settings {
      reset()
      setConnection(for: exchange, configuration, events)
      setMessage(of: exchange.request)
      setCallbacks()
    }
    if fields == nil || fields != exchange.request.fields { setFields(of: exchange.request) }
    setBody(of: exchange.request)
    setContext(exchange)
    self.settings = refusal == CURLE_OK ? settings : nil
    return refusal
  }

  /// Forgets the exchange; connections, names and TLS sessions are kept, and, after a success, the settings that the next
  /// one is likely to share. Only after removal from the multi handle.
  func clear(after outcome: Exchange.Outcome) {
    errorText[0] = 0
    guard let settings, case .success = outcome else { return reset() }
    // A body may be large.
    if settings.hasBody { check(curl_shim_set_bytes(easy, CURLOPT_POSTFIELDS, nil)) }
  }

  private func reset() {
    curl_easy_reset(easy)
    curl_slist_free_all(lines)
    lines = nil
    fields = nil
    settings = nil
    errorText[0] = 0
  }

  private func setConnection(
    for exchange: Exchange, _ configuration: CurlTransport.Configuration, _ events: SocketEvents
  ) {
    check(curl_shim_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_NOSIGNAL, 1)
    // Without it, removing a handle waits for its resolver thread, and every other transfer with it.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    if let file = configuration.certificateAuthorityFile { set(CURLOPT_CAINFO, file) }
    if !configuration.usesProxyOfEnvironment { set(CURLOPT_NOPROXY, "*") }
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    check(
      curl_shim_set_socket_callbacks(
        easy,
        { context, socket, _ in
          guard let context else { return CURL_SOCKOPT_ERROR }
          Unmanaged<SocketEvents>.fromOpaque(context).takeUnretainedValue().own(socket)
          // A child process that inherited a connection would keep it open after we have closed it.
          return fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR
        },
        { context, socket in
          guard let context else { return -1 }
          return Unmanaged<SocketEvents>.fromOpaque(context).takeUnretainedValue().close(socket)
        }, Unmanaged.passUnretained(events).toOpaque()))
    set(CURLOPT_CONNECTTIMEOUT_MS, exchange.request.timeouts.connect.wholeMilliseconds)
    if exchange.destination.isSecure {
      // A second request to a new host waits to learn whether it can share the first one's connection.
      set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
      set(CURLOPT_PIPEWAIT, 1)
    } else {
      set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    }
  }

  private func setMessage(of request: HTTPRequest) {
    set(CURLOPT_URL, request.url)
    if request.body.isEmpty, request.method == "POST" {
      check(curl_shim_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, 0))
      set(CURLOPT_COPYPOSTFIELDS, "")
    } else if request.method == "HEAD" {
      set(CURLOPT_NOBODY, 1)
    } else if request.body.isEmpty {
      set(CURLOPT_HTTPGET, 1)
    }
    set(CURLOPT_CUSTOMREQUEST, request.method)
    set(CURLOPT_ACCEPT_ENCODING, "")
    check(curl_shim_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(max(1, request.limits.bodyBytes))))
  }

  private func setBody(of request: HTTPRequest) {
    guard !request.body.isEmpty else { return }
    check(curl_shim_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
    // libcurl keeps a copy, so that nothing of ours has to stay in place.
    check(request.body.withUnsafeBytes { curl_shim_set_bytes(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) })
  }

  private func setFields(of request: HTTPRequest) {
    curl_slist_free_all(lines)
    lines = nil
    if let signing = request.signing {
      setSigning(signing, of: request)
    } else {
      // A name with a colon and nothing after it keeps libcurl from adding its own.
      append("Expect:")
    }
    if request.fields["content-type"] == nil { append("Content-Type:") }
    for field in request.fields.entries {
      let isBlank = field.value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
      append(isBlank ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    check(curl_shim_set_list(easy, CURLOPT_HTTPHEADER, lines))
    fields = request.fields
  }

  private func setContext(_ exchange: Exchange) {
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    check(curl_shim_set_pointer(easy, CURLOPT_PRIVATE, context))
    check(curl_shim_set_pointer(easy, CURLOPT_HEADERDATA, context))
    check(curl_shim_set_pointer(easy, CURLOPT_WRITEDATA, context))
    check(curl_shim_set_pointer(easy, CURLOPT_PREREQDATA, context))
  }

  private func setCallbacks() {
    check(
      curl_shim_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
        CurlHandle.deliver(bytes, size * count, context) { $0.takeLine($1, at: $0.now) ? .taken : .abort }
      })
    check(
      curl_shim_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        CurlHandle.deliver(bytes, size * count, context) { $0.takeBody($1, at: $0.now) }
      })
    check(
      curl_shim_set_prerequest_callback(easy) { context, _, _, _, _ in
        guard let context else { return CURL_PREREQFUNC_ABORT }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        return exchange.mayBegin(at: .now) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
      })
  }

  /// Hands `count` bytes to the exchange behind `context`.
  ///
  /// - Returns: `count` to go on, libcurl's number to pause, another one to give up.
  private static func deliver(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
    to take: (Exchange, UnsafeRawBufferPointer) -> Exchange.Reception
  ) -> Int {
    guard let context else { return count + 1 }
    let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    switch take(exchange, UnsafeRawBufferPointer(start: bytes, count: count)) {
    case .taken: return count
    case .pause: return Int(CURL_WRITEFUNC_PAUSE)
    case .abort: return count + 1
    }
  }

  func append(_ line: String) {
    guard let longer = curl_slist_append(lines, line) else { return check(CURLE_OUT_OF_MEMORY) }
    lines = longer
  }

  func set(_ option: CURLoption, _ value: Int) { check(curl_shim_set_long(easy, option, value)) }

  func set(_ option: CURLoption, _ value: String) { check(curl_shim_set_string(easy, option, value)) }

  func check(_ code: CURLcode) {
    if refusal == CURLE_OK { refusal = code }
  }
}

extension Duration {
  /// In milliseconds, rounded up, from 1 to 2^31 - 1.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 1 }
    guard seconds < 2_147_483 else { return 2_147_483_647 }
    return max(1, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
  }
}
