import DrayageTesting
import LinearOptimization

/// Small models with whole coefficients, about half of them infeasible, some with integers.
enum RandomModel {
  static func make(using random: inout SplitMix64) -> LinearModel {
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
