extension ItemResponseProblem {
  /// The parameters without slopes: intercepts `[workload * models + model]`, shared slopes, deviations
  /// `[axis * models + model]`.
  var start: [Double] {
    means.prefix(workloads * models).map { ElementaryFunctions.logit($0.mean) }
      + Array(repeating: 0, count: dimension * (models + 1))
  }

  /// Moves parameters to their best values under a ridge.
  func fit(_ parameters: inout [Double], ridge: Ridge) {
    LimitedMemoryMinimizer().minimize(
      &parameters, function: { evaluate($0, ridge, gradient: &$1) },
      precondition: { precondition(&$0, ridge) })
  }

  /// Slopes of each model: `[axis * models + model]`.
  func slopes(_ parameters: [Double]) -> [Double] {
    let base = workloads * models
    return (0..<(dimension * models)).map {
      parameters[base + $0 / models] + parameters[base + dimension + $0]
    }
  }

  /// The penalized negative log-likelihood; O(rows * models * dimension).
  func evaluate(_ parameters: [Double], _ ridge: Ridge, gradient: inout [Double]) -> Double {
    let (m, d) = (models, dimension)
    let (sharedAt, deviationsAt) = (workloads * m, workloads * m + d)
    let slopes = slopes(parameters)
    var slopeGradient = Array(repeating: 0.0, count: d * m)
    var logits = Array(repeating: 0.0, count: m)
    var value = 0.0
    for i in gradient.indices { gradient[i] = 0 }
    for cell in 0..<sharedAt {
      value -= counts[cell] * means[cell].mean * parameters[cell]
      gradient[cell] = -counts[cell] * means[cell].mean
    }
    parameters.withUnsafeBufferPointer { parameters in
      slopes.withUnsafeBufferPointer { slopes in
        coordinates.withUnsafeBufferPointer { coordinates in
          scores.withUnsafeBufferPointer { scores in
            logits.withUnsafeMutableBufferPointer { logits in
              slopeGradient.withUnsafeMutableBufferPointer { slopeGradient in
                gradient.withUnsafeMutableBufferPointer { gradient in
                  for row in workloadOf.indices {
                    let intercepts = workloadOf[row] * m
                    for j in 0..<m { logits[j] = 0 }
                    for k in 0..<d {
                      let z = coordinates[row * d + k]
                      for j in 0..<m { logits[j] += z * slopes[k * m + j] }
                    }
                    for j in 0..<m {
                      let score = scores[row * m + j]
                      guard score == score else {
                        logits[j] = 0
                        continue
                      }
                      let logit = parameters[intercepts + j] + logits[j]
                      let e = ElementaryFunctions.exponential(-logit.magnitude)
                      value += max(logit, 0) + ElementaryFunctions.logarithm(1 + e) - score * logits[j]
                      let p = logit >= 0 ? 1 / (1 + e) : e / (1 + e)
                      gradient[intercepts + j] += p
                      logits[j] = p - score
                    }
                    for k in 0..<d {
                      let z = coordinates[row * d + k]
                      for j in 0..<m { slopeGradient[k * m + j] += z * logits[j] }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    for k in 0..<d {
      let shared = parameters[sharedAt + k]
      value += 0.5 * ridge.shared * shared * shared
      gradient[sharedAt + k] = ridge.shared * shared
      for j in 0..<m {
        let deviation = parameters[deviationsAt + k * m + j]
        value += 0.5 * ridge.deviations * deviation * deviation
        gradient[sharedAt + k] += slopeGradient[k * m + j]
        gradient[deviationsAt + k * m + j] = slopeGradient[k * m + j] + ridge.deviations * deviation
      }
    }
    return value
  }

  /// Along one axis the second derivatives form an arrow (the shared slope against each deviation), which is
  /// inverted exactly; axes are uncorrelated.
  private func precondition(_ vector: inout [Double], _ ridge: Ridge) {
    let (m, d) = (models, dimension)
    let (sharedAt, deviationsAt) = (workloads * m, workloads * m + d)
    for cell in 0..<sharedAt {
      let curvature = counts[cell] * means[cell].mean * (1 - means[cell].mean)
      vector[cell] = curvature > 0 ? vector[cell] / curvature : 0
    }
    for k in 0..<d {
      var numerator = vector[sharedAt + k]
      var denominator = ridge.shared
      for j in 0..<m {
        let own = information(axis: k, model: j)
        let share = own / (own + ridge.deviations)
        numerator -= share * vector[deviationsAt + k * m + j]
        denominator += share * ridge.deviations
      }
      let shared = numerator / denominator
      vector[sharedAt + k] = shared
      for j in 0..<m {
        let own = information(axis: k, model: j)
        let at = deviationsAt + k * m + j
        vector[at] = (vector[at] - own * shared) / (own + ridge.deviations)
      }
    }
  }

  /// The expected second derivative of one slope.
  func information(axis: Int, model: Int) -> Double {
    Double(workloadOf.count) * axisVariances[axis] * curvatures[model]
  }
}
