/// Which groups can be told apart by something else than their own values.
struct Segments {
  let segmentOf: [Int32]
  let count: Int
  let segmentsOfClass: [[Int32]]
  /// A class of each segment.
  let classOf: [Int]
  /// The options open to each segment.
  let options: [[Int32]]

  /// - Parameter separatesByOptions: whether groups of different eligible options are told apart, because no
  ///   dense value can say that a pair is not eligible.
  init(
    _ input: ChoiceProblem.Input, constraints: [ChoiceProblem.SideConstraint],
    objective: ChoiceProblem.Objective, separatesByOptions: Bool
  ) {
    // Classes in the same rows and with the same formulas are one.
    var signatures = Array(repeating: [UInt64](), count: input.classCount)
    let sets = constraints.map(\.classes) + objective.terms.map(\.classes)
    for (k, classes) in sets.enumerated() {
      for c in classes ?? [] where c < input.classCount { signatures[c].append(UInt64(k)) }
    }
    for attribute in input.attributes {
      guard case .linear(let terms) = attribute.source else { continue }
      for term in terms {
        for c in 0..<input.classCount {
          let first = c * input.optionCount
          signatures[c] += term.coefficients[first..<first + input.optionCount].map(\.bitPattern)
        }
      }
    }
    var merged: [[UInt64]: Int32] = [:]
    let mergedOf = signatures.map { signature -> Int32 in
      if let known = merged[signature] { return known }
      merged[signature] = Int32(merged.count)
      return Int32(merged.count - 1)
    }
    let all = (0..<Int32(input.optionCount)).map { $0 }
    let eligible = separatesByOptions ? input.eligible : nil
    var known: [[Int32]: Int32] = [:]
    var quick = Array(repeating: Int32(-1), count: merged.count)
    var segmentOf = Array(repeating: Int32(0), count: input.groupCount)
    var segmentsOfClass = Array(repeating: Set<Int32>(), count: input.classCount)
    var classOf: [Int] = []
    var options: [[Int32]] = []
    for i in 0..<input.groupCount {
      let c = input.classOf[i]
      let of = Int(mergedOf[c])
      var segment: Int32
      if let eligible {
        let open = all.filter { eligible[Int($0) * input.groupCount + i] }
        segment = known[[mergedOf[c]] + open] ?? -1
        if segment < 0 {
          segment = Int32(options.count)
          known[[mergedOf[c]] + open] = segment
          options.append(open)
          classOf.append(c)
        }
      } else {
        segment = quick[of]
        if segment < 0 {
          segment = Int32(options.count)
          quick[of] = segment
          options.append(all)
          classOf.append(c)
        }
      }
      segmentOf[i] = segment
      segmentsOfClass[c].insert(segment)
    }
    self.segmentOf = segmentOf
    count = options.count
    self.segmentsOfClass = segmentsOfClass.map { $0.sorted() }
    self.classOf = classOf
    self.options = options
  }
}
