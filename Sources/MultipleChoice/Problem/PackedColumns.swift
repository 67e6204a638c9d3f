import LinearOptimization

/// The values of all pairs, in tiles: the value of position `p` and option `j` stands at
/// `(p / 16 * optionCount + j) * 16 + p % 16`. NaN marks a pair that is not eligible, in every dense column.
struct PackedColumns: Sendable {
  /// Where an attribute's values come from.
  enum Source: Sendable {
    /// A dense column.
    case dense(Int)
    /// A sum of features times coefficients by class and option.
    case linear([ChoiceProblem.FeatureTerm])
  }

  let layout: Layout
  let optionCount: Int
  let attributes: [Source]
  let dense: TiledValues
  let features: TiledValues
  /// The dense column of each attribute; -1 for linear ones.
  private let columnOf: [Int]
  let precision: ChoiceProblem.Precision
  /// The options open to each segment; which of them a group may take is said by its dense values, if any.
  let options: OptionLists
  /// A class of each segment.
  let classOf: [Int]
  /// The least and greatest value of each attribute over the groups, by `segment * optionCount + option` for
  /// linear attributes and by option for dense ones.
  let spans: [[Span]]

  /// A list of options per segment, end to end.
  struct OptionLists: Sendable {
    let flat: [Int32]
    let starts: [Int]

    init(_ lists: [[Int32]]) {
      flat = lists.flatMap { $0 }
      starts = lists.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    }

    subscript(segment: Int) -> ArraySlice<Int32> { flat[starts[segment]..<starts[segment + 1]] }
  }

  /// Up to so many sets of eligible options, each is a segment of its own where no dense column can tell them.
  private static let mostMasks = 256

  /// An interval; empty at first.
  struct Span: Sendable {
    var least = Double.infinity
    var most = -Double.infinity

    /// Whether no sum overflows; the spans of options that no group may choose are empty.
    var isUsable: Bool { least > most || (least.isFinite && most.isFinite) }

    mutating func include(_ value: Double) {
      least = min(least, value)
      most = max(most, value)
    }
  }

  init(
    _ input: ChoiceProblem.Input, constraints: [ChoiceProblem.SideConstraint],
    objective: ChoiceProblem.Objective
  ) throws(ChoiceProblemError) {
    var input = input
    var denseCount = 0
    let attributes = input.attributes.map { attribute -> Source in
      if case .linear(let terms) = attribute.source { return .linear(terms) }
      defer { denseCount += 1 }
      return .dense(denseCount)
    }
    var found: Segments?
    if denseCount == 0, input.eligible != nil {
      found = Segments(input, constraints: constraints, objective: objective, mostMasks: Self.mostMasks)
      if found == nil {
        // So many masks are told by a column of their own.
        denseCount = 1
        input.attributes.append(.init(name: "eligibility", precision: .single) { _, _ in 0 })
      }
    }
    let segments =
      found ?? Segments(input, constraints: constraints, objective: objective)
    let sized = constraints.lazy.compactMap(\.attribute).first ?? objective.terms.first?.attribute
    let layout = Layout(
      segmentOf: segments.segmentOf, segmentCount: segments.count,
      segmentsOfClass: segments.segmentsOfClass,
      leaderOf: EqualGroups.leaders(input, segments.segmentOf),
      size: { i in sized.map { input.size($0, i) } ?? 0 })
    if let empty = segments.options.firstIndex(of: []) {
      let group = segments.segmentOf.firstIndex(of: Int32(empty)) ?? 0
      throw ChoiceProblemError(.noOption, "group \(group) has no eligible option")
    }
    let isSingle = input.attributes.allSatisfy {
      switch $0.source {
      case .doubles, .computed(.double, _): false
      case .floats, .computed(.single, _), .linear: true
      }
    }
    precision = isSingle ? .single : .double
    let spansOfDense: [[Span]]
    let count = input.features.count
    if isSingle {
      let filled = try TileFilling<Float>.fill(input, layout)
      dense = TiledValues(singles: filled.columns, columnCount: denseCount)
      spansOfDense = filled.spans
      let values = input.features.flatMap { feature in layout.groupAt.map { feature[Int($0)] } }
      features = TiledValues(singles: values, columnCount: count)
    } else {
      let filled = try TileFilling<Double>.fill(input, layout)
      dense = TiledValues(doubles: filled.columns, columnCount: denseCount)
      spansOfDense = filled.spans
      let values = input.features.flatMap { feature in layout.groupAt.map { Double(feature[Int($0)]) } }
      features = TiledValues(doubles: values, columnCount: count)
    }
    self.layout = layout
    optionCount = input.optionCount
    self.attributes = attributes
    columnOf = attributes.map { if case .dense(let d) = $0 { d } else { -1 } }
    options = OptionLists(segments.options)
    classOf = segments.classOf
    let featureSpans = input.features.map { feature -> Span in
      var span = Span()
      for value in feature { span.include(Double(value)) }
      return span
    }
    spans = attributes.map { source in
      switch source {
      case .dense(let d): spansOfDense[d]
      case .linear(let terms): Self.spans(terms, featureSpans, segments.classOf, input.optionCount)
      }
    }
    for (attribute, spans) in zip(input.attributes, spans) where !spans.allSatisfy({ $0.isUsable }) {
      throw ChoiceProblemError(
        .notFinite, "attribute '\(attribute.name)' is beyond the range of numbers for some group")
    }
  }

  private static func spans(
    _ terms: [ChoiceProblem.FeatureTerm], _ features: [Span], _ classOf: [Int], _ m: Int
  ) -> [Span] {
    classOf.flatMap { c in
      (0..<m).map { j in
        var span = Span()
        (span.least, span.most) = (0, 0)
        for term in terms {
          let a = term.coefficients[c * m + j]
          let x = term.feature.map { features[$0] }
          let ends = [a * (x?.least ?? 1), a * (x?.most ?? 1)]
          span.least += min(ends[0], ends[1])
          span.most += max(ends[0], ends[1])
        }
        return span
      }
    }
  }

  /// The span of an attribute over the groups of a segment at an option.
  func span(_ a: Int, segment: Int, option: Int) -> Span {
    switch attributes[a] {
    case .dense: spans[a][option]
    case .linear: spans[a][segment * optionCount + option]
    }
  }

  /// Where the value of a position and an option stands in a dense column.
  func cell(_ position: Int, _ option: Int) -> Int {
    (position / Layout.tile * optionCount + option) * Layout.tile + position % Layout.tile
  }

  /// The value of an attribute; NaN where a dense one is not eligible.
  func value(_ a: Int, at position: Int, _ j: Int) -> Double {
    let column = columnOf[a]
    if column >= 0 { return dense[column, cell(position, j)] }
    return linearValue(a, at: position, layout.segment(at: position), j)
  }

  /// The value of an attribute for a position of a segment.
  func value(_ a: Int, at position: Int, _ segment: Int, _ j: Int) -> Double {
    let column = columnOf[a]
    return column >= 0 ? dense[column, cell(position, j)] : linearValue(a, at: position, segment, j)
  }

  private func linearValue(_ a: Int, at position: Int, _ segment: Int, _ j: Int) -> Double {
    guard case .linear(let terms) = attributes[a] else { return .nan }
    let row = classOf[segment] * optionCount + j
    return terms.reduce(0) {
      $0 + $1.coefficients[row] * ($1.feature.map { features[$0, position] } ?? 1)
    }
  }

  func isEligible(at position: Int, _ j: Int) -> Bool {
    if dense.columnCount > 0 { return !dense[0, cell(position, j)].isNaN }
    return options[layout.segment(at: position)].contains(Int32(j))
  }

  /// Whether the groups that these constraints and this objective treat differently stand apart.
  func tellsApart(_ constraints: [ChoiceProblem.SideConstraint], _ objective: ChoiceProblem.Objective) -> Bool
  {
    let sets = constraints.compactMap(\.classes) + objective.terms.compactMap(\.classes)
    return sets.allSatisfy { classes in
      var state = Array(repeating: Bool?.none, count: layout.segmentCount)
      for (c, segments) in layout.segmentsOfClass.enumerated() {
        let isIn = classes.contains(c)
        for segment in segments {
          if let known = state[Int(segment)], known != isIn { return false }
          state[Int(segment)] = isIn
        }
      }
      return true
    }
  }

  /// Whether the groups of each segment belong to `classes`; `nil` are all.
  func segments(in classes: Set<Int>?) -> [Bool] {
    guard let classes else { return Array(repeating: true, count: layout.segmentCount) }
    return classOf.map(classes.contains)
  }

  /// The feature columns by group again.
  func unpackedFeatures(_ groupCount: Int) -> [[Float]] {
    (0..<features.columnCount).map { f in
      (0..<groupCount).map { Float(features[f, layout.position(of: $0)]) }
    }
  }
}

extension ChoiceProblem.Input {
  /// What groups of a segment are told apart by: the attribute's values at a few options.
  func size(_ a: Int, _ i: Int) -> Double {
    let step = max(1, optionCount / 4)
    switch attributes[a].source {
    case .linear(let terms):
      return terms.reduce(0) {
        $0 + $1.coefficients[classOf[i] * optionCount] * ($1.feature.map { Double(features[$0][i]) } ?? 1)
      }
    default:
      var (sum, count) = (0.0, 0.0)
      for j in stride(from: 0, to: optionCount, by: step) {
        guard let value = denseValue(a, i, j), value.isFinite else { continue }
        sum += value
        count += 1
      }
      return count > 0 ? sum / count : 0
    }
  }

  /// The value of a dense attribute; `nil` where the pair is not eligible.
  func denseValue(_ a: Int, _ i: Int, _ j: Int) -> Double? {
    if let eligible, !eligible[j * groupCount + i] { return nil }
    switch attributes[a].source {
    case .doubles(let values): return values[j * groupCount + i]
    case .floats(let values): return Double(values[j * groupCount + i])
    case .computed(_, let compute): return compute(i, j)
    case .linear: return nil
    }
  }
}
