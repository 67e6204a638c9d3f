import Foundation
import MultipleChoice

extension ChoiceInstances {
  /// What is asked, a few numbers per request.
  struct Requests {
    /// Input tokens.
    let input: [Float]
    /// Output tokens of a model of verbosity 1.
    let output: [Float]
    /// On the scale of the models' abilities.
    let difficulty: [Float]
    /// `workload * buckets + bucket`. The last kind occurs at least once, so that counts of kinds agree.
    let kindOf: [Int32]
    /// How many different requests there are, if fewer than requests.
    let distinct: Int?

    init(_ twist: Twist, count: Int, workloads: Int, buckets: Int, seed: UInt64) {
      distinct = twist == .identicalRequests ? max(4, min(200, count / 20)) : nil
      var input: [Float] = []
      var output: [Float] = []
      var difficulty: [Float] = []
      var kindOf: [Int32] = []
      input.reserveCapacity(count)
      output.reserveCapacity(count)
      difficulty.reserveCapacity(count)
      kindOf.reserveCapacity(count)
      for i in 0..<count {
        var random = IndexedRandom(seed: seed, Self.identity(i, distinct))
        let workload = Self.workload(random.uniform(), workloads)
        let bucket = min(buckets - 1, Int(random.uniform() * Double(buckets)))
        let (a, b) = random.normals()
        let (c, _) = random.normals()
        let style = workload % Self.medianInput.count
        input.append(Float((Self.medianInput[style] * exp(1.1 * a)).rounded(.up)))
        output.append(Float((Self.medianOutput[style] * exp(0.8 * b)).rounded(.up)))
        difficulty.append(Float(c))
        kindOf.append(Int32(workload * buckets + bucket))
      }
      kindOf[count - 1] = Int32(workloads * buckets - 1)
      self.input = input
      self.output = output
      self.difficulty = difficulty
      self.kindOf = kindOf
    }

    /// What the numbers of a request follow from: itself, or the one that it repeats.
    func identity(_ i: Int) -> Int { Self.identity(i, distinct) }

    private static func identity(_ i: Int, _ distinct: Int?) -> Int { distinct.map { i % $0 } ?? i }

    // Chat, extraction, code, long documents.
    private static let medianInput = [400.0, 1_500, 2_500, 6_000]
    private static let medianOutput = [250.0, 80, 700, 400]

    /// Of four workloads each is three quarters as frequent as the one before; more of them are equally
    /// frequent.
    private static func workload(_ uniform: Double, _ count: Int) -> Int {
      guard count == 4 else { return min(count - 1, Int(uniform * Double(count))) }
      return uniform < 0.366 ? 0 : uniform < 0.64 ? 1 : uniform < 0.846 ? 2 : 3
    }
  }
}
