import Drayage
import DrayageProfiles
import Foundation

/// How well scores can be known beforehand.
struct CalibrationReport {
  let trial: CalibrationTrial

  private struct Document: Encodable {
    struct Forecast: Encodable {
      let brier: Double
      let logLoss: Double
      let calibrationError: Double

      init(_ scores: ForecastScores) {
        (brier, logLoss, calibrationError) = (scores.brier, scores.logLoss, scores.calibrationError)
      }
    }

    struct Bin: Encodable {
      let predicted: Double
      let observed: Double
      let count: Int
    }

    struct Routing: Encodable {
      let budgetShare: Double
      let budgetUsdPerQuery: Double
      let byMeans: Double
      let byFeatures: Double
      let oracle: Double
      let closed: Double?
    }

    let learned: Int
    let judged: Int
    let features: Int
    let byMeans: Forecast
    let byFeatures: Forecast
    let reliability: [Bin]
    let routing: [Routing]
  }

  var json: String {
    get throws {
      try JSONReport.text(
        Document(
          learned: trial.learned, judged: trial.judged, features: trial.dimension,
          byMeans: .init(trial.forecast.byMeans), byFeatures: .init(trial.forecast.byFeatures),
          reliability: bins.map {
            .init(predicted: $0.meanPrediction, observed: $0.meanScore, count: $0.count)
          },
          routing: trial.routing.map {
            .init(
              budgetShare: $0.share, budgetUsdPerQuery: $0.budget, byMeans: $0.byMeans,
              byFeatures: $0.byFeatures, oracle: $0.oracle, closed: $0.closed)
          }))
    }
  }

  private var bins: [ReliabilityTable.Bin] {
    trial.forecast.byFeatures.reliability.bins.filter { $0.count > 0 }
  }

  private static func text(_ value: Double, _ places: Int = 4) -> String {
    String(format: "%.\(places)f", value)
  }

  var text: String {
    let head = "learned from \(trial.learned) queries, judged on \(trial.judged); \(trial.dimension) features"
    var scores = TextTable(["predictions", "Brier", "log loss", "calibration error"])
    for (name, found) in [
      ("means of workloads", trial.forecast.byMeans), ("each query", trial.forecast.byFeatures),
    ] {
      scores.add([
        name, Self.text(found.brier), Self.text(found.logLoss), Self.text(found.calibrationError),
      ])
    }
    var reliability = TextTable(["predicted", "observed", "answers"], leading: [])
    for bin in bins {
      reliability.add([Self.text(bin.meanPrediction, 3), Self.text(bin.meanScore, 3), String(bin.count)])
    }
    var routing = TextTable(["budget", "usd/query", "by means", "each query", "oracle", "of the gap"])
    for point in trial.routing {
      routing.add([
        "\(Int((point.share * 100).rounded()))%", Self.text(point.budget, 6), Self.text(point.byMeans),
        Self.text(point.byFeatures), Self.text(point.oracle),
        point.closed.map { Self.text($0 * 100, 1) + "%" } ?? "-",
      ])
    }
    let gap =
      "mean score reached by routing at equal cost; the budget is a part of the way from the cheapest model to the best"
    return
      ([head] + scores.lines + ["what was predicted of each query, and what came"] + reliability.lines
      + [gap] + routing.lines).joined(separator: "\n")
  }
}
