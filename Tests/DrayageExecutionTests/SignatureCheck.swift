import Foundation

/// What Amazon computes of a signed request that it received (Signature Version 4), by the documentation:
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
struct SignatureCheck {
  let method: String
  /// As it was received.
  let path: String
  let query: String
  /// Names in small letters.
  let fields: [String: String]
  let body: [UInt8]

  /// The names that the `Authorization` field says are signed.
  var signedNames: [String] {
    part("SignedHeaders=").split(separator: ";", omittingEmptySubsequences: false).map(String.init)
  }
  /// The signature that it gives.
  var stated: String { part("Signature=") }
  /// The date, region, service and end of the key's scope.
  var scope: String { part("Credential=").split(separator: "/").dropFirst().joined(separator: "/") }

  private func part(_ name: String) -> String {
    guard let authorization = fields["authorization"], let start = authorization.range(of: name) else {
      return ""
    }
    return String(authorization[start.upperBound...].prefix { $0 != "," })
  }

  var canonicalRequest: String {
    let path = self.path.utf8.map { byte -> String in
      let isPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8.contains(byte)
      return isPlain ? String(UnicodeScalar(byte)) : String(format: "%%%02X", byte)
    }
    let names = signedNames.sorted()
    let lines = names.map { "\($0):\(fields[$0]?.trimmingCharacters(in: .whitespaces) ?? "MISSING")\n" }
    return [
      method, path.joined(), query, lines.joined(), names.joined(separator: ";"),
      SHA256.hex(SHA256.hash(body)),
    ].joined(separator: "\n")
  }

  /// The signature with this secret.
  func signature(secret: String) -> String {
    let text = [
      "AWS4-HMAC-SHA256", fields["x-amz-date"] ?? "", scope,
      SHA256.hex(SHA256.hash(Array(canonicalRequest.utf8))),
    ].joined(separator: "\n")
    let key = scope.split(separator: "/").reduce(Array("AWS4\(secret)".utf8)) {
      SHA256.authenticate(Array($1.utf8), key: $0)
    }
    return SHA256.hex(SHA256.authenticate(Array(text.utf8), key: key))
  }
}

/// FIPS 180-4, section 6.2, and RFC 2104: slow, and for tests only.
enum SHA256 {
  private static let primes: [Int] = (2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }

  /// The first 32 bits of the fraction of a root.
  private static func fraction(_ root: Double) -> UInt32 {
    UInt32((root - root.rounded(.down)) * 4_294_967_296)
  }

  private static let start = primes.prefix(8).map { fraction(Double($0).squareRoot()) }
  private static let constants = primes.prefix(64).map { fraction(cbrt(Double($0))) }

  static func hash(_ message: [UInt8]) -> [UInt8] {
    var bytes = message + [0x80]
    bytes += Array(repeating: 0, count: (120 - bytes.count % 64) % 64)
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: (UInt64(message.count) * 8) >> (56 - 8 * UInt64($0))) }
    var state = start
    func turn(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
    for block in stride(from: 0, to: bytes.count, by: 64) {
      var words = (0..<16).map { word in
        (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[block + 4 * word + $1]) }
      }
      for place in 16..<64 {
        let (a, b) = (words[place - 15], words[place - 2])
        let (s0, s1) = (turn(a, 7) ^ turn(a, 18) ^ a >> 3, turn(b, 17) ^ turn(b, 19) ^ b >> 10)
        words.append(words[place - 16] &+ s0 &+ words[place - 7] &+ s1)
      }
      var s = state
      for place in 0..<64 {
        let choice = s[4] & s[5] ^ ~s[4] & s[6]
        let majority = s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]
        let high = turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)
        let low = turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)
        let first = s[7] &+ high &+ choice &+ constants[place] &+ words[place]
        s = [first &+ low &+ majority, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
      }
      state = zip(state, s).map { $0 &+ $1 }
    }
    return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) } }
  }

  static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    let short = key.count > 64 ? hash(key) : key
    let padded = short + Array(repeating: 0, count: 64 - short.count)
    return hash(padded.map { $0 ^ 0x5C } + hash(padded.map { $0 ^ 0x36 } + message))
  }

  static func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
}
