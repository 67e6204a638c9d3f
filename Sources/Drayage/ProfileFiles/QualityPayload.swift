internal import DrayageProfiles

extension QualityEvidence: ProfilePayload {
  static let kind = "quality"
  static let key = (required: ["model", "workload"], optional: ["effort"])

  init(reading data: JSONField) throws(InputError) {
    var fields = try data.fields()
    let halfLife = try fields.requireOrNull("half_life_s")?.number(in: Self.halfLives) ?? .infinity
    let mean = try fields.require("mean").number(in: 0...1)
    let correlation = try fields.take("query_correlation")?.number(in: 0...1) ?? 0
    let deviations = try fields.require("squared_deviations")
    let squaredDeviations = try deviations.number(in: 0...Self.weights.upperBound)
    let time = try fields.require("time_s").number(in: Self.times)
    let weight = try fields.require("weight").number(in: Self.weights)
    try fields.end()
    do throws(QualityError) {
      try self.init(
        try ScoreEvidence(weight: weight, mean: mean, squaredDeviations: squaredDeviations), at: time,
        halfLife: halfLife, queryCorrelation: correlation)
    } catch {
      // The ranges hold: what is left is a spread that scores of this mean cannot have.
      throw deviations.fault(error.description)
    }
  }

  var json: String {
    JSONText.object([
      "half_life_s": JSONText.number(halfLife), "mean": JSONText.number(scores.mean),
      "query_correlation": queryCorrelation == 0 ? nil : JSONText.number(queryCorrelation),
      "squared_deviations": JSONText.number(scores.squaredDeviations), "time_s": JSONText.number(time),
      "weight": JSONText.number(scores.weight),
    ])
  }

  var recordCount: Int? { nil }
}
