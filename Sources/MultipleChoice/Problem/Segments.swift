/// Which groups can be told apart by something else than their own values.
struct Segments {
  let segmentOf: [Int32]
  let count: Int
  let segmentsOfClass: [[Int32]]
  /// A class of each segment.
  let classOf: [Int]
  /// The options open to each segment.
  let options: [[Int32]]

  /// Groups of different eligible options are told apart, as is needed where no dense value can say that a pair
  /// is not eligible; `nil` if there are more than `mostMasks` sets of those.
  init?(
    _ input: ChoiceProblem.Input, constraints: [ChoiceProblem.SideConstraint],
    objective: ChoiceProblem.Objective, mostMasks: Int
  ) {
    let mergedOf = Self.merged(input, constraints, objective)
    let all = (0..<Int32(input.optionCount)).map { $0 }
    var masks: Set<[Int32]> = []
    var known: [[Int32]: Int32] = [:]
    var (segmentOf, options, classOf) = ([Int32](), [[Int32]](), [Int]())
    for i in 0..<input.groupCount {
      let c = input.classOf[i]
      let open = all.filter { input.eligible?[Int($0) * input.groupCount + i] ?? true }
      let key = [mergedOf[c]] + open
      if let segment = known[key] {
        segmentOf.append(segment)
        continue
      }
      masks.insert(open)
      guard masks.count <= mostMasks else { return nil }
      known[key] = Int32(options.count)
      segmentOf.append(Int32(options.count))
      options.append(open)
      classOf.append(c)
    }
    self.init(input, segmentOf: segmentOf, options: options, classOf: classOf)
  }

  /// Groups are told apart by their classes only.
  init(
    _ input: ChoiceProblem.Input, constraints: [ChoiceProblem.SideConstraint],
    objective: ChoiceProblem.Objective
  ) {
    let mergedOf = Self.merged(input, constraints, objective)
    let all = (0..<Int32(input.optionCount)).map { $0 }
    var known = Array(repeating: Int32(-1), count: Int(mergedOf.max() ?? 0) + 1)
    var (segmentOf, classOf) = ([Int32](), [Int]())
    for i in 0..<input.groupCount {
      let c = input.classOf[i]
      let of = Int(mergedOf[c])
      if known[of] < 0 {
        known[of] = Int32(classOf.count)
        classOf.append(c)
      }
      segmentOf.append(known[of])
    }
    self.init(
      input, segmentOf: segmentOf, options: Array(repeating: all, count: classOf.count), classOf: classOf)
  }

  private init(_ input: ChoiceProblem.Input, segmentOf: [Int32], options: [[Int32]], classOf: [Int]) {
    var segmentsOfClass = Array(repeating: Set<Int32>(), count: input.classCount)
    for (i, segment) in segmentOf.enumerated() { segmentsOfClass[input.classOf[i]].insert(segment) }
    self.segmentOf = segmentOf
    count = options.count
    self.segmentsOfClass = segmentsOfClass.map { $0.sorted() }
    self.classOf = classOf
    self.options = options
  }

  /// A number for each class, the same for those in the same rows and with the same formulas.
  private static func merged(
    _ input: ChoiceProblem.Input, _ constraints: [ChoiceProblem.SideConstraint],
    _ objective: ChoiceProblem.Objective
  ) -> [Int32] {
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
    return signatures.map { signature -> Int32 in
      if let known = merged[signature] { return known }
      merged[signature] = Int32(merged.count)
      return Int32(merged.count - 1)
    }
  }
}
