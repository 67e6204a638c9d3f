internal import DrayageProfiles

extension LengthRecords: ProfilePayload {
  static let kind = "lengths"
  static let key = (required: ["model", "workload"], optional: ["effort"])

  init(reading data: JSONField) throws(InputError) {
    var fields = try data.fields()
    let complete = try fields.require("complete").decayingSketch()
    let field = try fields.require("truncated")
    let truncated = try field.decayingSketch()
    try fields.end()
    guard truncated.halfLife == complete.halfLife else {
      throw field.fault("the half-life differs from that of complete answers")
    }
    self.init(complete: complete, truncated: truncated)
  }

  var json: String { JSONText.object(["complete": complete.json, "truncated": truncated.json]) }

  var recordCount: Int? { count }
}

extension LengthPrior: ProfilePayload {
  static let kind = "length_prior"
  static let key = (required: ["model"], optional: ["effort"])

  init(reading data: JSONField) throws(InputError) {
    var fields = try data.fields()
    let percentiles = try fields.require("percentiles").percentiles(typicalSlope: Self.typicalSlope)
    let weight = try fields.require("weight").number(in: 0.01...1_000_000)
    try fields.end()
    do { try self.init(percentiles, weight: weight) } catch { throw data.fault(error.description) }
  }

  var json: String {
    JSONText.object(["percentiles": percentiles.json, "weight": JSONText.number(weight)])
  }

  var recordCount: Int? { nil }

  mutating func merge(_ other: LengthPrior) throws(ProfileMismatch) {
    guard self == other else { throw ProfileMismatch("two priors differ; leave one out") }
  }
}
