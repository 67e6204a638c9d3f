import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process-wide state of libcurl.
enum CurlLibrary {
  /// Runs once, on first use; Swift's initialization of statics is thread-safe.
  private static let status = curl_shim_global_init()

  /// Initializes libcurl, unless that has been done.
  static func load() {
    precondition(status == CURLE_OK, "libcurl cannot be initialized")
  }

  /// Whether the environment names a proxy; libcurl itself would look for every variable for each request.
  static var environmentHasProxy: Bool {
    let names = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    return names.contains { name in getenv(name).map { $0.pointee != 0 } ?? false }
  }
}
