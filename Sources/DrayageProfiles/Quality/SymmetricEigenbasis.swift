/// The eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, Matrix
/// Computations, 8.5), which are accurate for semidefinite matrices of a few hundred rows. O(n^3) per sweep,
/// about ten sweeps.
struct SymmetricEigenbasis {
  /// The order of the matrix.
  let order: Int
  /// `vectors[row * order + k]` is component `row` of eigenvector k.
  private(set) var vectors: [Double]
  /// The eigenvalue of each vector, in no order.
  private(set) var values: [Double]

  /// - Parameter matrix: symmetric, finite, row by row, of `order * order` entries.
  init(_ matrix: [Double], order: Int) {
    self.order = order
    var a = matrix
    values = []
    vectors = Array(repeating: 0, count: order * order)
    for i in 0..<order { vectors[i * order + i] = 1 }
    let size = a.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<40 {
      var off = 0.0
      for i in 0..<order { for j in 0..<i { off += a[i * order + j] * a[i * order + j] } }
      if off <= 1e-24 * size { break }
      for p in 0..<order { for q in (p + 1)..<order { rotate(&a, p, q) } }
    }
    values = (0..<order).map { a[$0 * order + $0] }
  }

  private mutating func rotate(_ a: inout [Double], _ p: Int, _ q: Int) {
    let n = order
    let entry = a[p * n + q]
    guard entry != 0 else { return }
    let theta = (a[q * n + q] - a[p * n + p]) / (2 * entry)
    let t = (theta < 0 ? -1.0 : 1.0) / (theta.magnitude + (theta * theta + 1).squareRoot())
    let c = 1 / (t * t + 1).squareRoot()
    let s = t * c
    for k in 0..<n {
      let (x, y) = (a[k * n + p], a[k * n + q])
      a[k * n + p] = c * x - s * y
      a[k * n + q] = s * x + c * y
    }
    for k in 0..<n {
      let (x, y) = (a[p * n + k], a[q * n + k])
      a[p * n + k] = c * x - s * y
      a[q * n + k] = s * x + c * y
      let (u, v) = (vectors[k * n + p], vectors[k * n + q])
      vectors[k * n + p] = c * u - s * v
      vectors[k * n + q] = s * u + c * v
    }
  }
}
