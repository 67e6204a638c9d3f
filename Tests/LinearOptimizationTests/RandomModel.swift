import LinearOptimization

/// A seeded generator for tests: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Small models with whole coefficients, about half of them infeasible, some with integers.
enum RandomModel {
  static func make(using random: inout SeededNumbers) -> LinearModel {
    var model = LinearModel()
    model.allowsEmpty = true
    let columns = Int.random(in: 2...8, using: &random)
    let x = (0..<columns).map { j in
      let lower = Double(Int.random(in: -5...5, using: &random))
      let kind: LinearModel.Kind = Int.random(in: 0..<4, using: &random) == 0 ? .integer : .continuous
      return model.variable("x\(j)", in: lower...(lower + 6), kind: kind)
    }
    let costs = x.map { _ in Double(Int.random(in: -9...9, using: &random)) }
    model.minimize(sum(over: 0..<columns) { costs[$0] * x[$0] })
    for i in 0..<Int.random(in: 1...8, using: &random) {
      let coefficients = x.map { _ in Double(Int.random(in: -4...4, using: &random)) }
      let lower = Double(Int.random(in: -30...20, using: &random))
      let expression = sum(over: 0..<columns) { coefficients[$0] * x[$0] } + 0.5 * x[i % columns]
      switch Int.random(in: 0..<3, using: &random) {
      case 0: model.constrain("r\(i)", expression >= lower)
      case 1: model.constrain("r\(i)", expression <= lower)
      default: model.constrain("r\(i)", expression, in: lower...(lower + 15))
      }
    }
    return model
  }
}
