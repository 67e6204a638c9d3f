import CCurl

/// The process-wide state of libcurl.
enum CurlLibrary {
  /// Runs once, on first use; Swift's initialization of statics is thread-safe.
  private static let status = curl_shim_global_init()

  /// Initializes libcurl, unless that has been done.
  static func load() {
    precondition(status == CURLE_OK, "libcurl cannot be initialized")
  }
}
