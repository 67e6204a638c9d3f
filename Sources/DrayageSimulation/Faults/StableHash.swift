/// A hash that is the same in every run and on every machine, for draws that must be reproduced.
///
/// FNV-1a over the bytes, finished by the mixer of SplitMix64 (Steele, Lea, Flood 2014) so that near inputs
/// give unrelated outputs. Not for secrets.
struct StableHash {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func combine(_ text: String) {
    for byte in text.utf8 { combine(byte: byte) }
    combine(byte: 0xFF)  // no UTF-8 text holds it: ("ab", "c") differs from ("a", "bc")
  }

  mutating func combine(_ number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      combine(byte: UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  var value: UInt64 {
    var z = state &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The value as a number from 0 up to but not including 1.
  var uniform: Double { Double(value >> 11) * 0x1p-53 }

  mutating func combine(byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x100_0000_01B3
  }
}

/// One attempt at one query by one model: what every draw of the simulation depends on, with the seed.
struct Draw {
  let seed: UInt64
  let queryID: String
  let model: String
  /// How many attempts at this query by this model came before, from 0.
  let attempt: Int

  /// A number from 0 up to but not including 1; draws for different purposes are independent.
  func uniform(_ purpose: String) -> Double {
    var hash = StableHash()
    hash.combine(seed)
    hash.combine(purpose)
    hash.combine(queryID)
    hash.combine(model)
    hash.combine(UInt64(attempt))
    return hash.uniform
  }
}
