import Foundation
import MultipleChoice

extension ChoiceInstances {
  /// An instance before it is packed: all its numbers by index.
  struct Draft {
    static let (cost, quality, tokens, latency) = (0, 1, 2, 3)

    let twist: Twist
    let seed: UInt64
    let storage: Storage
    let market: Market
    let requests: Requests
    /// Of each row of quality, the workloads that it counts.
    let workloadSets: [Set<Int>]
    let workloadCount: Int
    let bucketCount: Int
    let hasOnlyQuality: Bool
    /// `workload * modelCount + model`.
    private let abilities: [Double]
    private let pairSeed: UInt64
    private let scoreSeed: UInt64
    private let anchor: Int

    init(_ twist: Twist, groups: Int, options: Int, seed: UInt64, rows: Int, storage: Storage) {
      precondition(
        rows == 1 || rows >= 25 && (rows - 13) % 12 == 0, "rows are 1, or 13 and 12 per time bucket")
      self.twist = twist
      self.seed = seed
      self.storage = storage
      hasOnlyQuality = rows == 1
      bucketCount = max(1, (rows - 13) / 12)
      // A request of the family with a class per request may count in any of four rows of quality.
      workloadCount = twist == .workloadPerRequest ? 16 : 4
      workloadSets = (0..<4).map { t in
        twist == .workloadPerRequest ? Set((0..<16).filter { $0 >> t & 1 == 1 }) : [t]
      }
      precondition(
        options > 0 && groups >= max(16, workloadCount * bucketCount), "too few groups for their kinds")
      var seeds = SplitMix64(seed: seed)
      market = Market(twist, options: options, seed: seeds.next())
      requests = Requests(
        twist, count: groups, workloads: workloadCount, buckets: bucketCount, seed: seeds.next())
      pairSeed = seeds.next()
      scoreSeed = seeds.next()
      anchor = min(options, Market.modelCount) - 1
      var random = IndexedRandom(seed: seeds.next(), 0)
      abilities = (0..<workloadCount * Market.modelCount).map { index in
        let level = Double(index % Market.modelCount) / Double(Market.modelCount - 1)
        return -1 + 2.8 * level + random.uniform(in: -0.3...0.3)
      }
    }

    var groupCount: Int { requests.kindOf.count }
    var optionCount: Int { market.modelOf.count }
    var kindCount: Int { workloadCount * bucketCount }
    /// Whether tokens and latency are computed from features.
    var hasFeatures: Bool { twist != .workloadPerRequest }
    var classOf: [Int] {
      twist == .workloadPerRequest ? Array(0..<groupCount) : requests.kindOf.map { Int($0) }
    }

    /// The classes of the groups of these kinds.
    func classes(ofKinds kinds: Set<Int>) -> Set<Int> {
      guard twist == .workloadPerRequest else { return kinds }
      return Set((0..<groupCount).filter { kinds.contains(Int(requests.kindOf[$0])) })
    }

    /// One pair in sixteen is not eligible, nor is one whose input is too long; one offer takes all.
    func isEligible(_ i: Int, _ j: Int) -> Bool {
      if j == anchor { return true }
      return requests.input[i] <= market.window[j]
        && IndexedRandom.uniform(seed: pairSeed, requests.identity(i), j) >= 0.0625
    }

    /// The quality of a model's answer: G. Rasch, "Probabilistic models for some intelligence and attainment
    /// tests", 1960.
    func quality(_ i: Int, model b: Int) -> Double {
      let workload = Int(requests.kindOf[i]) / bucketCount
      let advantage = abilities[workload * Market.modelCount + b] - Double(requests.difficulty[i])
      let probability = 1 / (1 + exp(-1.7 * advantage))
      guard twist == .binaryScores else { return rounded(probability) }
      return IndexedRandom.uniform(seed: scoreSeed, requests.identity(i), b) < probability ? 1 : 0
    }

    func cost(_ i: Int, _ j: Int) -> Double {
      let value = market.cost[j].value(requests.input[i], requests.output[i])
      return storage == .features && hasFeatures ? value : rounded(value)
    }

    func tokens(_ i: Int, _ j: Int) -> Double {
      let value = market.tokens[j].value(requests.input[i], requests.output[i])
      return hasFeatures ? value : rounded(value)
    }

    func latency(_ i: Int, _ j: Int) -> Double {
      let value = market.latency[j].value(requests.input[i], requests.output[i])
      return hasFeatures ? value : rounded(value)
    }

    /// As a dense column holds it.
    private func rounded(_ value: Double) -> Double { storage == .double ? value : Double(Float(value)) }

    /// Cost, quality, tokens and latency, in this order.
    var attributes: [ChoiceProblem.Attribute] {
      let draft = self
      let precision = storage == .double ? ChoiceProblem.Precision.double : .single
      let quality = ChoiceProblem.Attribute(name: "quality", precision: precision) { i, j in
        draft.isEligible(i, j) ? draft.quality(i, model: draft.market.modelOf[j]) : nil
      }
      let cost =
        storage == .features && hasFeatures
        ? attribute("cost", market.cost)
        : ChoiceProblem.Attribute(name: "cost", precision: precision) { draft.cost($0, $1) }
      guard !hasFeatures else {
        return [cost, quality, attribute("tokens", market.tokens), attribute("latency", market.latency)]
      }
      return [
        cost, quality,
        ChoiceProblem.Attribute(name: "tokens", precision: precision) { draft.tokens($0, $1) },
        ChoiceProblem.Attribute(name: "latency", precision: precision) { draft.latency($0, $1) },
      ]
    }

    private func attribute(_ name: String, _ forms: [LinearForm]) -> ChoiceProblem.Attribute {
      func term(_ feature: Int?, _ part: KeyPath<LinearForm, Double>) -> ChoiceProblem.FeatureTerm? {
        let coefficients = forms.map { $0[keyPath: part] }
        guard coefficients.contains(where: { $0 != 0 }) else { return nil }
        return ChoiceProblem.FeatureTerm(
          feature: feature,
          coefficients: Array(repeatElement(coefficients, count: kindCount).joined()))
      }
      return ChoiceProblem.Attribute(
        name: name, terms: [term(nil, \.constant), term(0, \.input), term(1, \.output)].compactMap { $0 })
    }
  }
}
