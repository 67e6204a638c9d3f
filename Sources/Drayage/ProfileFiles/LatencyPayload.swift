internal import DrayageProfiles

extension LatencyProfile: ProfilePayload {
  static let kind = "latency"
  static let key = (required: ["offer"], optional: [String]())

  init(reading data: JSONField) throws(InputError) {
    var fields = try data.fields()
    let first = try fields.require("first_token").latencyRecords(.firstToken)
    let field = try fields.require("speed")
    let speed = try field.latencyRecords(.speed)
    try fields.end()
    guard speed.sketch.count <= first.sketch.count else {
      throw field.fault("there are more records of the speed than of the first token")
    }
    self.init(firstToken: first, speed: speed)
  }

  var json: String { JSONText.object(["first_token": firstToken.json, "speed": speed.json]) }

  var recordCount: Int? { count }
}

extension LatencyRecords {
  fileprivate var json: String { JSONText.object(["published": published?.json, "records": sketch.json]) }
}

extension PublishedLatency {
  fileprivate var json: String {
    JSONText.object([
      "day": JSONText.number(day), "percentiles": percentiles.json, "source": JSONText.quoted(source),
      "weight": JSONText.number(weight),
    ])
  }
}

extension JSONField {
  fileprivate func latencyRecords(_ quantity: LatencyQuantity) throws(InputError) -> LatencyRecords {
    var fields = try fields()
    let published = try fields.take("published")?.publishedLatency(quantity)
    let sketch = try fields.require("records").decayingSketch()
    try fields.end()
    return LatencyRecords(quantity, sketch: sketch, published: published)
  }

  private func publishedLatency(_ quantity: LatencyQuantity) throws(InputError) -> PublishedLatency {
    var fields = try fields()
    let percentiles = try fields.require("percentiles").percentiles(typicalSlope: quantity.typicalSlope)
    let source = try fields.require("source").name()
    let day = try fields.require("day").number(in: DecayingSketch.days)
    let weight = try fields.require("weight").number(in: 0.01...1_000_000)
    try fields.end()
    do {
      return try PublishedLatency(percentiles, source: source, day: day, weight: weight)
    } catch { throw fault(error.description) }
  }
}
