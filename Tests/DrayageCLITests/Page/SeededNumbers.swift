/// Reproducible random numbers (SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Positive, over many powers of ten.
  mutating func magnitude() -> Double {
    let exponent = Int.random(in: -12...12, using: &self)
    return Double.random(in: 1..<10, using: &self) * (Double("1e\(exponent)") ?? 1)
  }

  /// A number of any kind, often one that breaks arithmetic.
  mutating func awkward() -> Double {
    let odd: [Double] = [
      .nan, .infinity, -.infinity, 0, -0.0, 1, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, 1e-300, 1e99, 1e-9, 1e6, -1,
    ]
    return Bool.random(using: &self) ? odd.randomElement(using: &self) ?? 0 : magnitude()
  }
}
