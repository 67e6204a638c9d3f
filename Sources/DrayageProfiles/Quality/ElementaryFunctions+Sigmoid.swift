extension ElementaryFunctions {
  /// `1 / (1 + exp(-x))`; never overflows.
  static func sigmoid(_ x: Double) -> Double {
    x >= 0 ? 1 / (1 + exponential(-x)) : 1 - 1 / (1 + exponential(x))
  }

  /// `log(1 + exp(x))`; never overflows.
  static func softplus(_ x: Double) -> Double {
    x > 0 ? x + logarithm(1 + exponential(-x)) : logarithm(1 + exponential(x))
  }

  /// The logarithm of the odds of `p`, which is first held within `1e-6 ... 1 - 1e-6`.
  static func logit(_ p: Double) -> Double {
    let p = min(max(p, 1e-6), 1 - 1e-6)
    return logarithm(p / (1 - p))
  }

  /// Adds a multiple of a row to another of the same length. One row at a time, from its own beginning, is
  /// what compiles to vector instructions; a fused multiply-add would be a call without AVX2.
  @inline(__always)
  static func add(
    _ factor: Float, _ row: UnsafeBufferPointer<Float>, to sum: UnsafeMutableBufferPointer<Float>
  ) {
    for i in row.indices { sum[i] = sum[i] + factor * row[i] }
  }
}
