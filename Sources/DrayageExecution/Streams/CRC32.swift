/// The cyclic redundancy check of ISO 3309, as zip and Ethernet use it: polynomial 0x04C11DB7, reflected.
///
/// R. N. Williams, "A Painless Guide to CRC Error Detection Algorithms", 1993, section 10 (one table, one step
/// for each byte).
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? 0xEDB8_8320 ^ (sum >> 1) : sum >> 1 }
  }

  /// The check of `bytes`.
  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(truncatingIfNeeded: $0 ^ UInt32($1)) & 0xFF] ^ ($0 >> 8) }
  }
}
