/// How often each fault happens.
///
/// Whether an attempt fails, and how, is a pure function of the seed, the query, the model and the number of
/// earlier attempts at that query by that model: two runs with the same seed meet the same faults whatever
/// their concurrency.
public struct FaultPlan: Hashable, Sendable {
  private var probabilities: [FaultKind: Double] = [:]

  /// No faults.
  public init() {}

  /// Faults with the given probabilities, each from 0 to 1 and at most 1 together.
  ///
  /// - Throws: ``SimulationError`` of code `invalidOption`.
  public init(_ probabilities: [FaultKind: Double]) throws(SimulationError) {
    for (kind, probability) in probabilities {
      guard (0...1).contains(probability) else {
        throw SimulationError(
          .invalidOption,
          "the probability of fault \(kind.rawValue) is \(probability); it lies between 0 and 1")
      }
    }
    // Sorted, so that the sum does not depend on the order of a dictionary.
    let total = probabilities.values.sorted().reduce(0, +)
    guard total <= 1 + 1e-9 else {
      throw SimulationError(
        .invalidOption, "the probabilities of faults add up to \(total); at most 1 is possible")
    }
    self.probabilities = probabilities
  }

  /// Reads a text such as `429=0.02,500=0.02,hang=0.01`; `all=0.1` spreads a tenth evenly over 429, 500,
  /// 503, hang, reset, truncated and malformed, and later entries override earlier ones. An empty text means no faults.
  ///
  /// - Throws: ``SimulationError`` of code `invalidOption`.
  public init(parsing text: String) throws(SimulationError) {
    var probabilities: [FaultKind: Double] = [:]
    for entry in text.split(separator: ",") {
      let parts = entry.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, let probability = Double(parts[1]) else {
        throw SimulationError(
          .invalidOption, "fault '\(entry.prefix(40))' does not read KIND=PROBABILITY, such as 429=0.02")
      }
      if parts[0] == "all" {
        for kind in FaultKind.passing {
          probabilities[kind] = probability / Double(FaultKind.passing.count)
        }
      } else if let kind = FaultKind(rawValue: String(parts[0])) {
        probabilities[kind] = probability
      } else {
        let kinds = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw SimulationError(
          .invalidOption, "no fault is called '\(parts[0].prefix(40))'; choose from all, \(kinds)")
      }
    }
    try self.init(probabilities)
  }

  /// The probability of `kind`, from 0 to 1.
  public func probability(of kind: FaultKind) -> Double { probabilities[kind] ?? 0 }

  /// How the attempt fails; nil if it does not.
  func fault(for draw: Draw) -> FaultKind? {
    guard !probabilities.isEmpty else { return nil }
    var remaining = draw.uniform("fault")
    for kind in FaultKind.allCases {
      remaining -= probability(of: kind)
      if remaining < 0 { return kind }
    }
    return nil
  }
}
