import DrayageCore
import DrayageProfiles
import DrayageTesting
import Testing

@testable import Drayage

/// Learning from one half of a table, and judging on the other.
@Suite struct CalibrationTests {
  /// Two models: a cheap one that is right where a feature is above zero, and a dear one that mostly is.
  private static func table(seed: UInt64, rows: Int = 1_200) throws -> (ScoredTable, FeatureTable) {
    var random = SplitMix64(seed: seed)
    var scores = "query_id,dataset,input_tokens,cheap|score,cheap|cost_usd,dear|score,dear|cost_usd\n"
    var features = "query_id,x,noise\n"
    for i in 0..<rows {
      let x = random.normal()
      let cheap = random.uniform() < (x > 0 ? 0.95 : 0.1) ? 1 : 0
      let dear = random.uniform() < 0.9 ? 1 : 0
      scores += "q\(i),d\(i % 2),\(100 + i % 7),\(cheap),0.001,\(dear),0.02\n"
      features += "q\(i),\(x),\(random.normal())\n"
    }
    return (
      try ScoredTable(bytes: Array(scores.utf8), file: "scores.csv"),
      try FeatureTable(Array(features.utf8), file: "features.csv")
    )
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `features that tell which query is easy are worth their money`(seed: UInt64) throws {
    let (table, features) = try Self.table(seed: seed)
    let trial = try CalibrationTrial(table, features: features, seed: seed)
    #expect(trial.learned == 600 && trial.judged == 600 && trial.dimension == 3, "seed \(seed)")
    #expect(trial.forecast.byFeatures.brier < 0.8 * trial.forecast.byMeans.brier, "seed \(seed)")
    #expect(trial.forecast.byFeatures.calibrationError < 0.08, "seed \(seed)")
    for point in trial.routing {
      #expect(
        point.oracle >= point.byFeatures - 1e-12 && point.oracle >= point.byMeans - 1e-12, "seed \(seed)")
      #expect((0.001...0.02).contains(point.budget), "seed \(seed)")
    }
    // At 60 % of the way there is money for the hard half, and features say which that is.
    let closed = try #require(trial.routing[2].closed)
    #expect(closed > 0.4, "seed \(seed): \(closed)")
  }

  @Test func `the same half is drawn again by the same seed`() throws {
    let (table, features) = try Self.table(seed: 4, rows: 200)
    let first = try CalibrationTrial(table, features: features, seed: 9)
    let again = try CalibrationTrial(table, features: features, seed: 9)
    let other = try CalibrationTrial(table, features: features, seed: 10)
    #expect(first.forecast.byMeans == again.forecast.byMeans)
    #expect(first.forecast.byMeans != other.forecast.byMeans)
  }

  @Test func `without features the length alone is used`() throws {
    let (table, _) = try Self.table(seed: 5, rows: 200)
    #expect(try CalibrationTrial(table).dimension == 1)
  }

  @Test(arguments: [
    (
      "x,y\n1,2\n",
      "features.csv:1: a column 'query_id' and at least one column of numbers are needed; add them"
    ),
    (
      "query_id,x\nq0,nan\n",
      "features.csv:2: column 'x': 'nan' is no finite number; write a decimal"
    ),
    (
      "query_id,x\nq0,1\nq0,2\n",
      "features.csv:3: column 'query_id': query 'q0' is there twice; keep one row"
    ),
  ])
  func `bad features are refused with line and column`(text: String, message: String) throws {
    let error = #expect(throws: InputError.self) { try FeatureTable(Array(text.utf8), file: "features.csv") }
    #expect(error.map { "\($0)" } == message)
  }

  @Test func `a query without features is named`() throws {
    let (table, _) = try Self.table(seed: 6, rows: 20)
    let features = try FeatureTable(Array("query_id,x\nq1,1\n".utf8), file: "features.csv")
    let error = #expect(throws: InputError.self) { try CalibrationTrial(table, features: features) }
    #expect(error.map { "\($0)" } == "scores.csv: query 'q0' has no row among the features; add it")
  }
}
