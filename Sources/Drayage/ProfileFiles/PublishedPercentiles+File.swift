internal import DrayageProfiles

extension PublishedPercentiles {
  /// The percentiles as JSON text: `[share, value]` each.
  var json: String {
    JSONText.array(points.map { "[\(JSONText.number($0.share)),\(JSONText.number($0.value))]" })
  }
}

extension JSONField {
  /// Percentiles; a single one is completed with a typical slope.
  func percentiles(typicalSlope: Double) throws(InputError) -> PublishedPercentiles {
    var points: [PublishedPercentiles.Point] = []
    for field in try elements(atMost: 99, called: "percentiles") {
      let parts = try field.tuple(2, "a share and a value")
      points.append(
        PublishedPercentiles.Point(
          share: try parts[0].number(in: 0.001...0.999), value: try parts[1].number(in: WeightedSketch.range))
      )
    }
    do { return try PublishedPercentiles(points, typicalSlope: typicalSlope) } catch {
      throw fault(error.description)
    }
  }
}
