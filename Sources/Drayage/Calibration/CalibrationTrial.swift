internal import DrayageCore
public import DrayageProfiles
internal import MultipleChoice

/// What can be known of scores beforehand: predictors learn from one half of a scored table and are judged on the
/// other.
public struct CalibrationTrial: Sendable {
  /// How good predictions were on queries that were not learned from.
  public struct Forecast: Sendable {
    /// Every model at the mean of its workload, shrunken where scores are few.
    public let byMeans: ForecastScores
    /// By the features of each query.
    public let byFeatures: ForecastScores
  }

  /// What routing came to at one budget.
  public struct Routing: Sendable {
    /// How far the budget is on the way from the cheapest model's cost to the best one's, 0 to 1.
    public let share: Double
    /// Dollars per query.
    public let budget: Double
    /// The mean score by the means of workloads.
    public let byMeans: Double
    /// The mean score by predictions for each query.
    public let byFeatures: Double
    /// The mean score if every score were known.
    public let oracle: Double
    /// The part of the way from means to oracle that predictions go; `nil` where there is none to go.
    public var closed: Double? {
      oracle - byMeans > 1e-12 ? (byFeatures - byMeans) / (oracle - byMeans) : nil
    }
  }

  /// How many queries were learned from.
  public let learned: Int
  /// How many were judged on.
  public let judged: Int
  /// The number of features of each query.
  public let dimension: Int
  /// How good the predictions were.
  public let forecast: Forecast
  /// What routing by them would have come to.
  public let routing: [Routing]
  /// The predictor, fitted to the first half.
  public let predictor: ItemResponsePredictor

  /// Where budgets stand between the cheapest model and the best one.
  public static let shares = [0.1, 0.3, 0.6, 0.9]

  /// Learns from a half of `table` drawn by `seed`, and judges on the other.
  ///
  /// A query is described by its length, if the table has it, by `features`, and by the text in `promptColumn`.
  ///
  /// - Throws: ``InputError`` about the tables, or ``QualityError`` if nothing can be learned from them.
  public init(
    _ table: ScoredTable, workloadColumn: String? = nil, promptColumn: String? = nil,
    features: FeatureTable? = nil, seed: UInt64 = 1
  ) throws {
    let described = try DescribedQueries(
      table, workloadColumn: workloadColumn, promptColumn: promptColumn, features: features)
    let matrix = described.matrix
    var random = SplitMix64(seed: seed)
    let rows = described.rows.indices.shuffled(using: &random)
    let history = rows[..<(rows.count / 2)].sorted()
    let test = rows[(rows.count / 2)...].sorted()
    guard !history.isEmpty, !test.isEmpty else {
      throw InputError(
        .empty, file: table.file,
        message: "there are fewer than two scored queries; a half needs one at least")
    }
    var training = ItemResponseTraining()
    training.featureGroups = described.groups
    let fitted = try training.fit(matrix, rows: history)
    training.ridges = []
    training.calibrates = false
    let means = try training.fit(matrix, rows: history).predictor.scores(matrix, rows: test)
    let predicted = fitted.predictor.scores(matrix, rows: test)
    let m = matrix.models
    let scores = test.flatMap { matrix.scores[$0 * m..<($0 + 1) * m] }
    learned = history.count
    judged = test.count
    dimension = matrix.dimension
    predictor = fitted.predictor
    forecast = Forecast(
      byMeans: ForecastScores(predictions: means, scores: scores),
      byFeatures: ForecastScores(predictions: predicted, scores: scores))
    let costs = described.expectedCosts(of: test, from: history)
    let trial = try RoutingTrial(scores: scores, costs: costs, models: m)
    let spend = (0..<m).map { j in
      stride(from: j, to: costs.count, by: m).reduce(0) { $0 + costs[$1] } / Double(test.count)
    }
    let ability = (0..<m).map { j in Self.mean(history.map { matrix.scores[$0 * m + j] }) }
    let best = ability.indices.max { ability[$0] < ability[$1] } ?? 0
    let cheapest = spend.min() ?? 0
    let known = scores.map { $0.isNaN ? 0 : $0 }
    routing = Self.shares.map { share in
      let budget = cheapest + share * max(0, spend[best] - cheapest)
      func reached(_ predictions: [Double]) -> Double {
        trial.outcome(predictions: predictions, budget: budget).meanScore
      }
      return Routing(
        share: share, budget: budget, byMeans: reached(means), byFeatures: reached(predicted),
        oracle: reached(known))
    }
  }

  private static func mean(_ scores: [Double]) -> Double {
    let known = scores.filter { !$0.isNaN }
    return known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
  }
}
