/// The keys with which a request to Amazon is signed (Signature Version 4), and for where.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. Its
/// descriptions show no key.
public struct AWSSigning: Hashable, Sendable {
  /// The region, such as `us-east-1`.
  public var region: String
  /// The service's signing name, such as `bedrock`.
  public var service: String
  /// The access key's name.
  public var accessKey: String
  /// The secret that belongs to it.
  public var secretKey: String
  /// The token of temporary keys; nil for lasting ones.
  public var sessionToken: String?

  /// Signing with these keys.
  public init(
    region: String, service: String, accessKey: String, secretKey: String, sessionToken: String? = nil
  ) {
    self.region = region
    self.service = service
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.sessionToken = sessionToken
  }

  /// Reads keys written as `ACCESS:SECRET` or `ACCESS:SECRET:TOKEN`; nil if `text` is no such thing.
  init?(keys text: String, region: String, service: String) {
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.init(
      region: region, service: service, accessKey: String(parts[0]), secretKey: String(parts[1]),
      sessionToken: parts.count == 3 ? String(parts[2]) : nil)
  }

  /// The path that is signed for one that is sent: everything but letters, digits, `-._~` and slashes is
  /// percent-encoded once more, percent signs included. All of Amazon's services but S3 do so.
  static func canonicalPath(_ path: some StringProtocol) -> String {
    path.utf8.reduce(into: "") { result, byte in
      if byte.isUnreserved || byte == UInt8(ascii: "/") {
        result.append(Character(Unicode.Scalar(byte)))
      } else {
        result += byte.percentEncoded
      }
    }
  }
}

extension AWSSigning: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The service and the region.
  public var description: String { "signing for \(service) in \(region)" }
  /// The same as the description.
  public var debugDescription: String { description }
  /// Without children: `dump` would show the keys.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension UInt8 {
  /// Whether it stands for itself in an address (RFC 3986, section 2.3).
  var isUnreserved: Bool { isASCIILetterOrDigit || "-._~".utf8.contains(self) }

  /// As `%3A`.
  var percentEncoded: String {
    let digits = String(self, radix: 16, uppercase: true)
    return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
  }

  /// Whether it is an ASCII letter or digit.
  var isASCIILetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
