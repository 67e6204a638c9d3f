import Foundation
import MultipleChoice

extension ChoiceInstances {
  /// A constant plus multiples of the input and output tokens.
  struct LinearForm {
    var constant = 0.0
    var input = 0.0
    var output = 0.0

    func value(_ input: Float, _ output: Float) -> Double {
      constant + self.input * Double(input) + self.output * Double(output)
    }
  }

  /// What is on offer.
  struct Market {
    static let modelCount = 8
    static let providerCount = 6

    /// The model of each offer. Offers of one model answer with the same quality.
    let modelOf: [Int]
    let providerOf: [Int]
    /// Dollars per request.
    private(set) var cost: [LinearForm] = []
    /// Tokens per request.
    private(set) var tokens: [LinearForm] = []
    /// Seconds per request.
    private(set) var latency: [LinearForm] = []
    /// The longest input that each offer takes, in tokens.
    let window: [Float]

    init(_ twist: Twist, options: Int, seed: UInt64) {
      let models = twist == .nearDuplicates ? [0, 2, 4, 5, 7] : Array(0..<Self.modelCount)
      modelOf = (0..<options).map { models[$0 % models.count] }
      providerOf = (0..<options).map { ($0 + $0 / models.count) % Self.providerCount }
      window = modelOf.map { $0 < 2 ? 32_768 : 1_048_576 }
      var random = IndexedRandom(seed: seed, 1)
      // How many tokens a model spends on the answer that another gives in one.
      let verbosity = (0..<Self.modelCount).map { _ in random.uniform(in: 0.6...2.2) }
      for j in 0..<options {
        let level = Double(modelOf[j]) / Double(Self.modelCount - 1)
        // $0.08 to $15 per million tokens of input, two to four times as much for output.
        let price = 0.08 * pow(15 / 0.08, level)
        let factor = Self.priceFactor(twist, copy: j / models.count, &random)
        let input = price * factor / 1e6
        switch twist {
        case .unitCosts: cost.append(LinearForm(constant: 0.001))
        default:
          let place = (Double(j) * 0.618_034).truncatingRemainder(dividingBy: 1)
          let scale = twist == .hugeRanges ? pow(10, -9 * place) : 1
          cost.append(
            LinearForm(
              input: scale * input, output: scale * input * (2 + 1.9 * level) * verbosity[modelOf[j]]))
        }
        tokens.append(LinearForm(input: 1, output: verbosity[modelOf[j]]))
        let tokensPerSecond = random.uniform(in: 20...200)
        latency.append(
          LinearForm(constant: random.uniform(in: 0.2...2), output: verbosity[modelOf[j]] / tokensPerSecond))
      }
    }

    /// The price of an offer relative to that of its model.
    private static func priceFactor(_ twist: Twist, copy: Int, _ random: inout IndexedRandom) -> Double {
      guard twist == .nearDuplicates else { return random.uniform(in: 0.6...1.4) }
      return copy % 2 == 0 ? 1 : 1 + random.uniform(in: -1e-6...1e-6)
    }
  }
}
