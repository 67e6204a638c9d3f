internal import DrayageProfiles

extension TokenCorrection: ProfilePayload {
  static let kind = "token_correction"
  static let key = (required: ["model"], optional: [String]())

  init(reading data: JSONField) throws(InputError) {
    // A ratio counts as at most 16 either way, the youngest bill with a weight of 1, none with more. Sums are
    // rounded.
    let (logarithm, slack) = (2.772_588_722_239_781, 1 + 1e-9)
    var fields = try data.fields()
    let count = Double(try fields.require("count").count(atLeast: 0))
    let weight = try fields.require("weight").number(in: min(count, 1)...count)
    let estimated = try fields.require("estimated").number(in: (weight / slack)...(weight * 1e19))
    let billed = try fields.require("billed").number(in: (estimated / 16 / slack)...(estimated * 16 * slack))
    let most = weight * logarithm * slack
    let logarithms = try fields.require("logarithms").number(in: -most...most)
    let field = try fields.require("squares")
    let squares = try field.number(in: 0...(most * logarithm * slack))
    let worst = try fields.require("worst_over_bound").number(in: 1...16)
    try fields.end()
    guard
      let correction = TokenCorrection(
        values: [count, weight, billed, estimated, logarithms, squares, worst])
    else {
      throw field.fault(
        "\(JSONText.number(squares)) is less than \(JSONText.number(count)) bills can have whose logarithms "
          + "sum to \(JSONText.number(logarithms)); record them again")
    }
    self = correction
  }

  var json: String {
    let values = self.values
    let (weight, billed, estimated) = (values[1], values[2], values[3])
    let (logarithms, squares) = (values[4], values[5])
    return JSONText.object([
      "billed": JSONText.number(billed), "count": "\(count)", "estimated": JSONText.number(estimated),
      "logarithms": JSONText.number(logarithms), "squares": JSONText.number(squares),
      "weight": JSONText.number(weight), "worst_over_bound": JSONText.number(worstOverBound),
    ])
  }

  var recordCount: Int? { count }
}
