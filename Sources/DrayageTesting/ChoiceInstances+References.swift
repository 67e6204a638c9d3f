import MultipleChoice

extension ChoiceInstances.Draft {
  /// Weights of a score in natural units: each attribute relative to its mean. The option of least score is
  /// chosen for every request.
  struct Reference {
    /// Positive, unless quality alone counts.
    var cost = 1.0
    var quality: Double
    /// More of the weight of quality, by row of quality.
    var qualityBySet: [Double] = [0, 0, 0, 0]
    var latency = 0.0
    /// By provider and bucket.
    var requests: [[Double]] = []
    var tokens: [[Double]] = []
    /// By provider.
    var spending: [Double] = []
  }

  /// The references whose mixture is feasible: thrifty, in between, and eager for quality, each with a
  /// leaning against some providers. All weights are positive.
  var mixture: [Reference] {
    [0.5, 1.2, 3].enumerated().map { r, quality in
      var random = ChoiceInstances.IndexedRandom(seed: seed, 10 + r)
      var reference = Reference(quality: quality)
      reference.qualityBySet = workloadSets.map { _ in quality * random.uniform(in: 0.05...0.6) }
      reference.latency = random.uniform(in: 0.02...0.2)
      for _ in 0..<ChoiceInstances.Market.providerCount {
        reference.requests.append((0..<bucketCount).map { _ in random.uniform(in: 0.01...0.3) })
        reference.tokens.append((0..<bucketCount).map { _ in random.uniform(in: 0.01...0.1) })
        reference.spending.append(random.uniform(in: 0.01...0.3))
      }
      return reference
    }
  }

  /// What each of the references uses of each row. One pass over all pairs.
  func usages(_ references: [Reference], _ rows: [Row]) -> [[Double]] {
    let (m, models) = (optionCount, ChoiceInstances.Market.modelCount)
    let scale = naturalUnits()
    let weights = references.map { self.weights($0, scale) }
    var sums = Array(
      repeating: Array(repeating: (values: SIMD4<Double>.zero, count: 0.0), count: kindCount * m),
      count: references.count)
    var qualities = Array(repeating: 0.0, count: models)
    var best = Array(repeating: (score: 0.0, option: 0, values: SIMD4<Double>.zero), count: references.count)
    for i in 0..<groupCount {
      let kind = Int(requests.kindOf[i])
      for b in 0..<models { qualities[b] = quality(i, model: b) }
      for r in references.indices { best[r].score = .infinity }
      for j in 0..<m where isEligible(i, j) {
        let values = SIMD4(cost(i, j), qualities[market.modelOf[j]], tokens(i, j), latency(i, j))
        for r in references.indices {
          let weight = weights[r][kind * m + j]
          let score = (weight.values * values).sum() + weight.constant
          if score < best[r].score { best[r] = (score, j, values) }
        }
      }
      for r in references.indices {
        sums[r][kind * m + best[r].option].values += best[r].values
        sums[r][kind * m + best[r].option].count += 1
      }
    }
    return sums.map { sums in
      rows.map { row in
        var usage = 0.0
        for kind in 0..<kindCount where row.kinds?.contains(kind) ?? true {
          for j in 0..<m where row.provider.map({ $0 == market.providerOf[j] }) ?? true {
            let sum = sums[kind * m + j]
            usage += row.attribute.map { sum.values[$0] } ?? sum.count
          }
        }
        return usage
      }
    }
  }

  /// The weights of a request's values by `kind * optionCount + option`.
  private func weights(
    _ reference: Reference, _ scale: SIMD4<Double>
  ) -> [(values: SIMD4<Double>, constant: Double)] {
    (0..<kindCount * optionCount).map { index in
      let (kind, j) = (index / optionCount, index % optionCount)
      let (workload, bucket) = (kind / bucketCount, kind % bucketCount)
      let p = market.providerOf[j]
      var quality = reference.quality
      for (t, set) in workloadSets.enumerated() where set.contains(workload) {
        quality += reference.qualityBySet[t]
      }
      let spending = reference.spending.isEmpty ? 0 : reference.spending[p]
      let tokens = reference.tokens.isEmpty ? 0 : reference.tokens[p][bucket]
      let requests = reference.requests.isEmpty ? 0 : reference.requests[p][bucket]
      let latency = workloadSets[0].contains(workload) ? reference.latency : 0
      return (SIMD4(reference.cost + spending, -quality, tokens, latency) / scale, requests)
    }
  }

  /// The mean of each attribute over a sample.
  private func naturalUnits() -> SIMD4<Double> {
    var sum = SIMD4<Double>.zero
    var count = 0.0
    for i in stride(from: 0, to: groupCount, by: max(1, groupCount / 500)) {
      for j in 0..<optionCount {
        sum += SIMD4(cost(i, j), quality(i, model: market.modelOf[j]), tokens(i, j), latency(i, j))
        count += 1
      }
    }
    return sum / count
  }
}
