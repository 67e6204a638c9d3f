import Foundation

/// What is printed.
struct Report: Codable {
  /// One way of solving the instance, several times over.
  struct Run: Codable {
    let name: String
    let outcome: Outcome
    let relativeGap: Double?
    let wallSeconds: [Double]
    /// User and system time of all threads.
    let cpuSeconds: [Double]

    static func measured(_ name: String, count: Int, _ body: () throws -> Outcome) rethrows -> Run {
      var wall: [Double] = []
      var cpu: [Double] = []
      var last: Outcome?
      for _ in 0..<count {
        let stopwatch = Stopwatch()
        last = try body()
        wall.append(stopwatch.wallSeconds)
        cpu.append(stopwatch.cpuSeconds)
      }
      guard let last else { preconditionFailure("nothing was run") }
      return Run(
        name: name, outcome: last, relativeGap: last.relativeGap, wallSeconds: wall, cpuSeconds: cpu)
    }
  }

  let family: String
  let goal: String
  let storage: String
  let mode: Mode
  let seed: UInt64
  let margin: Double
  let groups: Int
  let options: Int
  let rows: Int
  let threads: Int
  let buildSeconds: Double
  /// The columns that the solver reads.
  let columnMegabytes: Double
  /// The most memory that the process held while the instance was built.
  let buildPeakMegabytes: Double
  /// What it held before the first solve, the columns included.
  let residentMegabytes: Double
  /// The most that it held while solving, the columns included.
  let solvePeakMegabytes: Double
  let runs: [Run]

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  var text: String {
    var lines = [
      "\(family), \(goal), \(storage), seed \(seed): n = \(groups), M = \(options), K = \(rows), "
        + "\(threads) cores",
      "built in \(Self.seconds(buildSeconds)), columns \(Self.megabytes(columnMegabytes)); peak "
        + "\(Self.megabytes(buildPeakMegabytes)) building, \(Self.megabytes(solvePeakMegabytes)) solving, "
        + "\(Self.megabytes(residentMegabytes)) of it there before",
    ]
    for run in runs { lines += Self.lines(run) }
    return lines.joined(separator: "\n")
  }

  private static func lines(_ run: Run) -> [String] {
    let outcome = run.outcome
    let wall = run.wallSeconds.sorted()
    let cpu = run.cpuSeconds.sorted()
    var first =
      "\(run.name): \(outcome.status), wall \(seconds(wall[0])) (median \(seconds(wall[wall.count / 2]))), "
      + "CPU \(seconds(cpu[0]))"
    if let passes = outcome.passes { first += ", \(passes.formatted("%.1f")) passes" }
    var lines = [first]
    if let objective = outcome.objective, let bound = outcome.bound {
      lines.append(
        "  LP \(objective.formatted("%.12g")), bound \(bound.formatted("%.12g")), "
          + "\(outcome.bindingRows ?? 0) rows with a price, \(outcome.fractionalGroups ?? 0) requests split")
    }
    if let value = outcome.value {
      let isKept = outcome.isFeasible == true ? "all limits kept" : "limits missed"
      lines.append("  assignment \(value.formatted("%.12g")), \(isKept)")
    }
    if let gap = run.relativeGap { lines.append("  relative gap \(gap.formatted("%.2e"))") }
    if let farkas = outcome.farkasValue {
      lines.append(
        "  Farkas value \(farkas.formatted("%.6g")) by constraints "
          + (outcome.conflict ?? []).map(String.init).joined(separator: ", "))
    }
    for point in outcome.points ?? [] {
      let (value, bound) = (point.value?.formatted("%.12g") ?? "-", point.bound?.formatted("%.12g") ?? "-")
      lines.append("  limit \(point.limit.formatted("%.9g")): value \(value), bound \(bound)")
    }
    return lines
  }

  private static func seconds(_ value: Double) -> String {
    value < 1 ? (value * 1e3).formatted("%.1f ms") : value.formatted("%.3f s")
  }

  private static func megabytes(_ value: Double) -> String { value.formatted("%.0f MB") }
}

extension Double {
  fileprivate func formatted(_ format: String) -> String { String(format: format, self) }
}
