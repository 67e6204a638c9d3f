/// Which faults the next attempts at each model meet, in order: for tests and scripts that need one fault at one
/// place. When a model's list is used up, its faults are drawn again.
public enum FaultSchedule {
  /// Reads `MODEL=429,ok,cut`: a fault for each of the next attempts, `ok` for none.
  ///
  /// - Throws: ``SimulationError`` of code `invalidOption`.
  public static func parse(_ text: String) throws(SimulationError) -> (model: String, faults: [FaultKind?]) {
    // The last sign: names of models may hold some too, names of faults do not.
    guard let sign = text.lastIndex(of: "="), sign > text.startIndex else {
      throw SimulationError(
        .invalidOption, "schedule '\(text.prefix(80))' does not read MODEL=FAULT,FAULT,..., such as m=429,ok")
    }
    var faults: [FaultKind?] = []
    for word in text[text.index(after: sign)...].split(separator: ",", omittingEmptySubsequences: false) {
      faults.append(try fault(String(word)))
    }
    return (String(text[..<sign]), faults)
  }

  /// The fault that `word` names; nil for `ok`.
  ///
  /// - Throws: ``SimulationError`` of code `invalidOption`.
  static func fault(_ word: String) throws(SimulationError) -> FaultKind? {
    if word == "ok" { return nil }
    guard let kind = FaultKind(rawValue: word) else {
      let kinds = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw SimulationError(
        .invalidOption, "no fault is called '\(word.prefix(40))'; choose from ok, \(kinds)")
    }
    return kind
  }
}

/// What is left of a schedule.
struct FaultQueue: Sendable {
  private var faults: [FaultKind?] = []
  private var next = 0

  init(_ faults: [FaultKind?] = []) { self.faults = faults }

  var remaining: ArraySlice<FaultKind?> { faults[next...] }

  /// What the next attempt meets: a fault or none, or nothing if that is not scheduled.
  mutating func take() -> FaultKind?? {
    guard next < faults.count else { return nil }
    next += 1
    return .some(faults[next - 1])
  }
}
