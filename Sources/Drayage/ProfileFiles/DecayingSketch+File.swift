internal import DrayageProfiles

extension DecayingSketch {
  /// The sketch as JSON text: buckets as `[index, weight, sum]`, then the total weight for a check.
  var json: String {
    let buckets = sketch.buckets.map {
      "[\($0.index),\(JSONText.number($0.weight)),\(JSONText.number($0.sum))]"
    }
    return JSONText.object([
      "buckets": JSONText.array(buckets), "count": "\(count)", "half_life": JSONText.number(halfLife),
      "latest": JSONText.number(latest), "weight": JSONText.number(sketch.weight),
    ])
  }
}

extension JSONField {
  /// A finite number within a range.
  func number(in range: ClosedRange<Double>) throws(InputError) -> Double {
    guard case .number(let text) = node.value else { throw fault("a number is expected, not \(node.kind)") }
    guard let value = node.double, range.contains(value) else {
      throw fault(
        "\(InputError.quoted(text)) is not within \(JSONText.number(range.lowerBound)) to "
          + JSONText.number(range.upperBound))
    }
    return value
  }

  /// The elements of a list of exactly so many.
  func tuple(_ count: Int, _ names: String) throws(InputError) -> [JSONField] {
    let elements = try elements()
    guard elements.count == count else {
      throw fault("\(names) are expected, not \(elements.count) elements")
    }
    return elements
  }

  /// A sketch of a decaying histogram, whose sums agree.
  func decayingSketch() throws(InputError) -> DecayingSketch {
    var fields = try fields()
    let list = try fields.require("buckets")
    let count = try fields.require("count").count(atLeast: 0)
    let halfLife = try fields.require("half_life").number(in: DecayingSketch.halfLives)
    let latest = try fields.require("latest").number(in: DecayingSketch.days)
    let weight = try fields.require("weight")
    try fields.end()
    let buckets = try list.buckets()
    let sum = buckets.reduce(0) { $0 + $1.weight }
    let stated = try weight.number(in: 0...1e15)
    guard abs(sum - stated) <= 1e-9 * sum else {
      throw weight.fault("the weights of the buckets sum to \(sum), not to \(stated)")
    }
    // At the reference a record counts for less than two.
    guard sum <= 2 * Double(count) * (1 + 1e-9) else {
      throw list.fault("the buckets weigh \(sum), more than \(count) records can")
    }
    return DecayingSketch(
      halfLife: halfLife, count: count, latest: latest, sketch: WeightedSketch(buckets: buckets))
  }

  private func buckets() throws(InputError) -> [WeightedSketch.Bucket] {
    guard case .array(let nodes) = node.value else { throw fault("a list is expected, not \(node.kind)") }
    let range = WeightedSketch.range
    let indices = WeightedSketch.index(of: range.lowerBound)...WeightedSketch.index(of: range.upperBound)
    guard nodes.count <= indices.count + 1 else {
      throw fault("there are \(nodes.count) buckets; the scale has \(indices.count + 1)", .tooLarge)
    }
    var buckets: [WeightedSketch.Bucket] = []
    for (k, node) in nodes.enumerated() {
      let triple = try JSONTriple(node: node, list: self, position: k)
      let index = try triple.count(0)
      guard index == 0 || indices.contains(index) else {
        throw triple.field(0).fault(
          "bucket \(index) is outside the scale, 0 or \(indices.lowerBound) to \(indices.upperBound)")
      }
      guard index > buckets.last?.index ?? -1 else {
        throw triple.field(0).fault("the indices of buckets must ascend")
      }
      let weight = try triple.number(1, in: Double.leastNormalMagnitude...1e15)
      let sum = try triple.number(2, in: 0...1e27)
      let least = WeightedSketch.lowerBound(of: index) * weight
      let most = index == 0 ? 0 : WeightedSketch.lowerBound(of: index + 1) * weight
      guard sum >= least * (1 - 1e-9), sum <= most * (1 + 1e-9) else {
        throw triple.field(2).fault(
          "the sum does not fit the bucket, whose values sum to \(least) to \(most)")
      }
      buckets.append(WeightedSketch.Bucket(index: index, weight: weight, sum: sum))
    }
    return buckets
  }
}

/// An element `[index, weight, sum]` of a list of buckets. There are hundreds of thousands of them in a
/// file, and their paths, which only complaints need, would take most of the time of reading it.
private struct JSONTriple {
  private let parts: [JSONNode]
  private let path: () -> String
  private let file: String

  init(node: JSONNode, list: JSONField, position: Int) throws(InputError) {
    file = list.file
    path = { "\(list.path)[\(position)]" }
    guard case .array(let parts) = node.value, parts.count == 3 else {
      throw JSONField(node: node, file: file, path: path()).fault(
        "an index, a weight and a sum are expected in a list of three")
    }
    self.parts = Array(parts)
  }

  /// A part with its place, 0...2.
  func field(_ part: Int) -> JSONField {
    JSONField(node: parts[part], file: file, path: "\(path())[\(part)]")
  }

  func count(_ part: Int) throws(InputError) -> Int {
    if let value = parts[part].integer, value >= 0 { return value }
    return try field(part).count(atLeast: 0)
  }

  func number(_ part: Int, in range: ClosedRange<Double>) throws(InputError) -> Double {
    if let value = parts[part].double, range.contains(value) { return value }
    return try field(part).number(in: range)
  }
}
