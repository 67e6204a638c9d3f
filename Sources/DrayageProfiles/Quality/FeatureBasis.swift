/// The axes along which features are used: centred on their workload, scaled in groups, and turned so that
/// they are uncorrelated.
///
/// Centring on the workload leaves to the features only what the workload does not say. Features of one
/// group, such as the coordinates of an embedding, share one scale, so that directions in which queries
/// differ more keep more influence under a ridge. The turn changes no prediction; it makes curvature and
/// standard errors diagonal.
struct FeatureBasis: Hashable, Sendable {
  let dimension: Int
  /// `centres[workload * dimension + feature]`; the last row is for workloads not in the table.
  let centres: [Float]
  /// What each feature is multiplied by; 0 for a constant one.
  let scales: [Float]
  /// `rotation[feature * dimension + axis]`.
  let rotation: [Float]

  /// Standardized features beyond this are held to it: one absurd query must not be predicted by
  /// extrapolation.
  static let limit: Float = 8

  /// The weight, in rows, with which a workload's centre is drawn towards that of all rows.
  private static let centreStrength = 5.0

  init(dimension: Int, centres: [Float], scales: [Float], rotation: [Float]) {
    self.dimension = dimension
    self.centres = centres
    self.scales = scales
    self.rotation = rotation
  }

  /// The axes of some rows of a table, and how much those rows vary along each (mean square).
  static func fit(
    _ table: ScoreMatrix, rows: [Int], groups: [Int]
  ) -> (basis: FeatureBasis, variances: [Double]) {
    let (d, count) = (table.dimension, table.workloads.count)
    var sums = Array(repeating: 0.0, count: (count + 1) * d)
    var sizes = Array(repeating: 0.0, count: count)
    for row in rows {
      let workload = table.workloadOf[row]
      sizes[workload] += 1
      for k in 0..<d {
        let value = Double(table.features[row * d + k])
        sums[workload * d + k] += value
        sums[count * d + k] += value
      }
    }
    for k in 0..<d { sums[count * d + k] /= Double(rows.count) }
    for workload in 0..<count {
      for k in 0..<d {
        sums[workload * d + k] =
          (sums[workload * d + k] + centreStrength * sums[count * d + k]) / (sizes[workload] + centreStrength)
      }
    }
    let centres = sums.map { Float($0) }

    var covariance = Array(repeating: 0.0, count: d * d)
    var centred = Array(repeating: 0.0, count: d)
    for row in rows {
      let base = table.workloadOf[row] * d
      for k in 0..<d { centred[k] = Double(table.features[row * d + k] - centres[base + k]) }
      for k in 0..<d {
        let value = centred[k]
        for l in 0...k { covariance[k * d + l] += value * centred[l] }
      }
    }
    let scales = Self.scales((0..<d).map { covariance[$0 * d + $0] / Double(rows.count) }, groups: groups)
    for k in 0..<d {
      for l in 0...k {
        covariance[k * d + l] *= scales[k] * scales[l] / Double(rows.count)
        covariance[l * d + k] = covariance[k * d + l]
      }
    }
    let axes = SymmetricEigenbasis(covariance, order: d)
    let basis = FeatureBasis(
      dimension: d, centres: centres, scales: scales.map { Float($0) },
      rotation: axes.vectors.map { Float($0) })
    return (basis, axes.values.map { max(0, $0) })
  }

  private static func scales(_ variances: [Double], groups: [Int]) -> [Double] {
    var totals: [Int: (sum: Double, count: Double)] = [:]
    for (k, group) in groups.enumerated() where variances[k] > 0 {
      let total = totals[group] ?? (0, 0)
      totals[group] = (total.sum + variances[k], total.count + 1)
    }
    return groups.map { group in
      guard let total = totals[group] else { return 0 }
      let scale = 1 / (total.sum / total.count).squareRoot()
      // What varies by rounding alone is constant.
      return scale < 1e12 ? scale : 0
    }
  }

  /// Writes the coordinates of a query along the axes; zeros, those of an average query, if a feature is not
  /// finite.
  @inline(__always)
  func project(
    _ features: UnsafeBufferPointer<Float>, workload: Int, into axes: UnsafeMutableBufferPointer<Float>
  ) {
    let d = dimension
    for axis in 0..<d { axes[axis] = 0 }
    centres.withUnsafeBufferPointer { centres in
      scales.withUnsafeBufferPointer { scales in
        rotation.withUnsafeBufferPointer { rotation in
          var finite = true
          for k in 0..<d { finite = finite && features[k].isFinite }
          guard finite else { return }
          for k in 0..<d {
            let raw = (features[k] - centres[workload * d + k]) * scales[k]
            let value = max(-Self.limit, min(Self.limit, raw))
            ElementaryFunctions.add(
              value, UnsafeBufferPointer(rebasing: rotation[(k * d)..<(k * d + d)]), to: axes)
          }
        }
      }
    }
  }
}
