import DrayageProfiles
import DrayageTesting

extension SplitMix64 {
  mutating func uniform(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &self) }

  /// About normal: the sum of twelve uniforms.
  mutating func bell() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform(0...1) } }

  mutating func coin(_ probability: Double) -> Double { uniform(0...1) < probability ? 1 : 0 }
}

/// Queries whose true probabilities are known: an item-response model with shared and own slopes.
struct SyntheticResponses {
  var matrix: ScoreMatrix
  /// `[row * models + model]`.
  var truth: [Double]

  init(
    seed: UInt64, rows: Int, models: Int = 6, dimension: Int = 5, workloads: Int = 3, shared: Double = 0.8,
    own: Double = 0.4, missing: Double = 0
  ) throws {
    var random = SplitMix64(seed: seed)
    let common = (0..<dimension).map { _ in shared * random.bell() }
    let slopes = (0..<models).map { _ in common.map { $0 + own * random.bell() } }
    let levels = (0..<(models * workloads)).map { _ in 0.5 + 0.8 * random.bell() }
    var (features, scores, workloadOf): ([Float], [Double], [Int]) = ([], [], [])
    truth = []
    for _ in 0..<rows {
      let workload = Int.random(in: 0..<workloads, using: &random)
      let x = (0..<dimension).map { _ in random.bell() }
      workloadOf.append(workload)
      features += x.map { Float($0) }
      for model in 0..<models {
        var logit = levels[workload * models + model]
        for k in 0..<dimension { logit += slopes[model][k] * x[k] }
        let p = 1 / (1 + exponential(-logit))
        truth.append(p)
        let score = random.coin(p)
        scores.append(random.uniform(0...1) < missing ? .nan : score)
      }
    }
    matrix = try ScoreMatrix(
      scores: scores, models: models, workloads: (0..<workloads).map { "w\($0)" }, workloadOf: workloadOf,
      features: features, dimension: dimension)
  }
}

/// The exponential function, by halving the argument and its series.
func exponential(_ x: Double) -> Double {
  var (term, sum) = (1.0, 1.0)
  let small = x / 1024
  for n in 1...12 {
    term *= small / Double(n)
    sum += term
  }
  for _ in 0..<10 { sum *= sum }
  return sum
}
