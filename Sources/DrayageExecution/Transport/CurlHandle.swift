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

  /// Sets everything that `exchange` needs.
  ///
  /// - Returns: `CURLE_OK`, or the first error of a setting.
  func prepare(for exchange: Exchange, _ configuration: CurlTransport.Configuration) -> CURLcode {
    refusal = CURLE_OK
    setConnection(for: exchange, configuration)
    setMessage(of: exchange.request)
    setCallbacks(for: exchange)
    return refusal
  }

  /// Forgets the exchange, secrets included; connections, names and TLS sessions are kept. Only after removal
  /// from the multi handle.
  func clear() {
    curl_easy_reset(easy)
    curl_slist_free_all(lines)
    lines = nil
    errorText.update(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  private func setConnection(for exchange: Exchange, _ configuration: CurlTransport.Configuration) {
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
    if !configuration.usesProxyOfEnvironment { set(CURLOPT_PROXY, "") }
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // A child process that inherited a connection would keep it open after we have closed it.
    check(
      curl_shim_set_socket_callback(easy) { _, socket, _ in
        fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR
      })
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
    if !request.body.isEmpty || request.method == "POST" {
      check(curl_shim_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
      if request.body.isEmpty {
        set(CURLOPT_COPYPOSTFIELDS, "")
      } else {
        // libcurl keeps a copy, so that nothing of ours has to stay in place.
        check(
          request.body.withUnsafeBytes { curl_shim_set_bytes(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) })
      }
    } else if request.method == "HEAD" {
      set(CURLOPT_NOBODY, 1)
    } else {
      set(CURLOPT_HTTPGET, 1)
    }
    set(CURLOPT_CUSTOMREQUEST, request.method)
    set(CURLOPT_ACCEPT_ENCODING, "")
    check(curl_shim_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(max(1, request.limits.bodyBytes))))
    setFields(of: request)
  }

  private func setFields(of request: HTTPRequest) {
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
  }

  private func setCallbacks(for exchange: Exchange) {
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    check(curl_shim_set_pointer(easy, CURLOPT_PRIVATE, context))
    check(curl_shim_set_pointer(easy, CURLOPT_HEADERDATA, context))
    check(curl_shim_set_pointer(easy, CURLOPT_WRITEDATA, context))
    check(curl_shim_set_pointer(easy, CURLOPT_PREREQDATA, context))
    check(
      curl_shim_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
        CurlHandle.deliver(bytes, size * count, context) { $0.takeLine($1, at: .now) ? .taken : .abort }
      })
    check(
      curl_shim_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        CurlHandle.deliver(bytes, size * count, context) { $0.takeBody($1, at: .now) }
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
