/// How strongly the mean scores of cells (arm, workload) are drawn towards what arms and workloads have in
/// common, estimated from the cells themselves.
///
/// The model is `mean[arm, workload] = grand + ability[arm] + ease[workload] + interaction[arm, workload]`,
/// all but the first random with variances of their own, as in Bühlmann and Straub's credibility theory
/// (ASTIN Bulletin 1970): a cell of n scores gets the weight n / (n + k), k = variance of scores / variance
/// of interactions. The variances are fitted by expectation-maximization (Dempster, Laird and Rubin 1977)
/// with the effects updated one group after another. O(arms * workloads) per round.
public struct QualityShrinkage: Hashable, Sendable, Codable {
  /// The mean score of an average arm on an average workload, in 0...1.
  public internal(set) var grandMean = 0.5
  /// By how much each arm is better than the grand mean.
  public internal(set) var abilities: [Effect] = []
  /// By how much each workload is easier than the average one.
  public internal(set) var eases: [Effect] = []
  /// The variance of single scores within a cell, per arm; above 0.
  public internal(set) var scoreVariances: [Double] = []
  /// The variance between arms.
  public internal(set) var abilityVariance = 0.04
  /// The variance between workloads.
  public internal(set) var easeVariance = 0.04
  /// The variance, per arm, of what neither arm nor workload explains; above 0.
  public internal(set) var interactionVariances: [Double] = []
  /// The correlation of the scores of two arms on the same query of a workload, in 0...1; 0 if no query was
  /// answered by more than one arm. What it says of a workload, many arms know hardly better than one.
  public let queryCorrelation: Double

  /// An effect as it is believed to be.
  public struct Effect: Hashable, Sendable, Codable {
    /// Its expected value, in score.
    public var mean: Double
    /// The variance of what is believed about it.
    public var variance: Double
  }

  /// Before anything was seen: wide priors around one half.
  init() { queryCorrelation = 0 }

  /// Fits the effects to cells: `cells[arm * workloads + workload]`; those without weight are ignored.
  init(cells: [ScoreEvidence], arms: Int, workloads: Int, queryCorrelation: Double) {
    self.queryCorrelation = queryCorrelation
    abilities = Array(repeating: Effect(mean: 0, variance: abilityVariance), count: arms)
    eases = Array(repeating: Effect(mean: 0, variance: easeVariance), count: workloads)
    fitScoreVariances(cells, workloads: workloads)
    var seen = 0.0
    var sum = 0.0
    for cell in cells where cell.weight > 0 {
      seen += cell.weight
      sum += cell.weight * cell.mean
    }
    interactionVariances = Array(repeating: 0.01, count: arms)
    guard seen > 0 else { return }
    grandMean = sum / seen
    for _ in 0..<60 {
      fitEffects(cells, workloads: workloads)
    }
  }

  private static let leastVariance = 1e-7

  private mutating func fitScoreVariances(_ cells: [ScoreEvidence], workloads: Int) {
    let arms = abilities.count
    var deviations = Array(repeating: 0.0, count: arms)
    var freedom = Array(repeating: 0.0, count: arms)
    for (position, cell) in cells.enumerated() {
      deviations[position / workloads] += cell.squaredDeviations
      freedom[position / workloads] += max(0, cell.weight - 1)
    }
    // Two observations of a fair coin, then four of the pooled variance, keep few equal scores from looking
    // sure.
    let pooled = (deviations.reduce(0, +) + 0.5) / (freedom.reduce(0, +) + 2)
    scoreVariances = (0..<arms).map { max(1e-4, (deviations[$0] + 4 * pooled) / (freedom[$0] + 4)) }
  }

  /// One round of expectation-maximization.
  private mutating func fitEffects(_ cells: [ScoreEvidence], workloads: Int) {
    let arms = abilities.count
    var noise = Array(repeating: 0.0, count: cells.count)
    var information = noise
    for (position, cell) in cells.enumerated() where cell.weight > 0 {
      noise[position] = scoreVariances[position / workloads] / cell.weight
      information[position] = 1 / (noise[position] + interactionVariances[position / workloads])
    }
    func rest(_ position: Int) -> Double {
      cells[position].mean - grandMean - abilities[position / workloads].mean
        - eases[position % workloads].mean
    }
    // Before any score it is believed to be one half, give or take 0.3: a handful of equal scores prove
    // little.
    var pull = (sum: (0.5 - grandMean) / 0.09, weight: 1 / 0.09)
    for position in cells.indices where information[position] > 0 {
      pull.sum += information[position] * rest(position)
      pull.weight += information[position]
    }
    grandMean = min(max(grandMean + pull.sum / pull.weight, 0.001), 0.999)
    for arm in 0..<arms {
      var group = Group()
      for position in (arm * workloads)..<((arm + 1) * workloads) where information[position] > 0 {
        group.add(rest(position) + abilities[arm].mean, information[position], noise[position])
      }
      abilities[arm] = group.effect(variance: abilityVariance, correlation: 0)
    }
    for workload in 0..<workloads {
      var group = Group()
      for position in stride(from: workload, to: cells.count, by: workloads) where information[position] > 0 {
        group.add(rest(position) + eases[workload].mean, information[position], noise[position])
      }
      eases[workload] = group.effect(variance: easeVariance, correlation: queryCorrelation)
    }
    abilityVariance = Self.spread(of: abilities)
    easeVariance = Self.spread(of: eases)

    // Arms differ in how evenly they do; with few workloads their common variance speaks for each.
    var squares = Array(repeating: (sum: 0.0, count: 0.0), count: arms)
    for position in cells.indices where information[position] > 0 {
      let (arm, workload) = (position / workloads, position % workloads)
      let share = interactionVariances[arm] * information[position]
      let square = rest(position) * rest(position) + abilities[arm].variance + eases[workload].variance
      squares[arm].sum += share * share * square + share * noise[position]
      squares[arm].count += 1
    }
    let common = squares.reduce(0) { $0 + $1.sum } / squares.reduce(0) { $0 + $1.count }
    interactionVariances = squares.map {
      max(Self.leastVariance, ($0.sum + 4 * common) / ($0.count + 4))
    }
  }

  /// What the cells of one arm or workload say of its effect.
  private struct Group {
    private var sum = 0.0
    private var weight = 0.0
    private var deviations = 0.0
    private var squares = 0.0

    mutating func add(_ value: Double, _ information: Double, _ noise: Double) {
      sum += information * value
      weight += information
      deviations += information * noise.squareRoot()
      squares += information * information * noise
    }

    /// The effect, believed beforehand to be 0 with this variance; the noises of two cells have this
    /// correlation.
    func effect(variance: Double, correlation: Double) -> Effect {
      guard weight > 0 else { return Effect(mean: 0, variance: variance) }
      let own =
        1 / weight + correlation * max(0, deviations * deviations - squares) / (weight * weight)
      let share = variance / (variance + own)
      return Effect(mean: share * sum / weight, variance: share * own)
    }
  }

  private static func spread(of effects: [Effect]) -> Double {
    var sum = 0.0
    for effect in effects { sum += effect.mean * effect.mean + effect.variance }
    return max(leastVariance, sum / Double(effects.count))
  }
}
