import Dispatch
import DrayageTesting
import Synchronization
import Testing

@testable import LinearOptimization

@Suite struct GLPKSessionTests {
  private typealias Columns = GLPKSession.Columns

  /// minimize -3 x - 2 y under x + y <= 4, x + 3 y <= 6, from 0: 12 at x = 4, y = 0.
  private func small() throws -> GLPKSession {
    var session = try GLPKSession(lower: [-.infinity, -.infinity], upper: [4, 6])
    var columns = Columns()
    columns.append(cost: -3, entries: [(0, 1.0), (1, 1.0)])
    columns.append(cost: -2, entries: [(0, 1.0), (1, 3.0)])
    try session.add(columns)
    return session
  }

  private func isRefused(_ body: () throws -> Void) -> Bool {
    do {
      try body()
      return false
    } catch { return error is GLPKSessionError }
  }

  @Test func `numbers that GLPK cannot take are refused`() throws {
    for (lower, upper) in [
      (Double.nan, 1.0), (0, .nan), (2, 1), (.infinity, .infinity), (-.infinity, -.infinity),
    ] {
      #expect(isRefused { _ = try GLPKSession(lower: [lower], upper: [upper]) }, "\(lower) to \(upper)")
      var session = try small()
      #expect(isRefused { try session.setRows(lower: [lower], upper: [upper]) }, "\(lower) to \(upper)")
      var columns = Columns()
      columns.append(lower: lower, upper: upper, cost: 1, entries: [(0, 1.0)])
      #expect(isRefused { try session.add(columns) }, "\(lower) to \(upper)")
      #expect(try session.solve(dual: false) == .optimal && session.values == [4, 0])
    }
    for number in [Double.nan, .infinity, -.infinity] {
      var session = try small()
      var columns = Columns()
      columns.append(cost: number, entries: [(0, 1.0)])
      #expect(isRefused { try session.add(columns) }, "cost \(number)")
      columns = Columns()
      columns.append(cost: 1, entries: [(0, number)])
      #expect(isRefused { try session.add(columns) }, "coefficient \(number)")
      #expect(isRefused { try session.setCosts([1, number], of: 0..<2) }, "cost \(number)")
      #expect(session.columnCount == 2 && session.cost(of: 1) == -2)
      #expect(try session.solve(dual: false) == .optimal && session.values == [4, 0])
    }
    for row in [-1, 2, Int(Int32.max)] {
      var session = try small()
      var columns = Columns()
      columns.append(cost: 1, entries: [(row, 1.0)])
      #expect(isRefused { try session.add(columns) }, "row \(row)")
    }
  }

  @Test func `a row beyond 32 bits is not taken for another one`() throws {
    var session = try small()
    var columns = Columns()
    columns.append(cost: 1, entries: [(1 << 32, 1.0)])
    #expect(isRefused { try session.add(columns) })
  }

  /// Two entries of one column in one row are an error to GLPK, which ends the program.
  @Test func `a stop inside GLPK is survived, by the thread and by others after it`() throws {
    for _ in 0..<100 {
      var session = try small()
      var columns = Columns()
      columns.append(cost: 1, entries: [(0, 1.0), (0, 2.0)])
      #expect(isRefused { try session.add(columns) })
      // The program is gone: everything is refused, nothing crashes.
      #expect(isRefused { _ = try session.solve(dual: false) })
      #expect(isRefused { try session.setCosts([0], of: 0..<1) })
      #expect(isRefused { try session.setRows(lower: [0], upper: [1]) })
      #expect(isRefused { try session.setBasic(rows: [true]) })
      #expect(isRefused { _ = try session.ranges(of: 1) })
      var more = Columns()
      more.append(cost: 1, entries: [(0, 1.0)])
      #expect(isRefused { try session.add(more) })
    }
    var session = try small()
    #expect(try session.solve(dual: false) == .optimal && session.values == [4, 0])
  }

  /// The same program for both: rows between bounds, columns from `lower` up.
  private struct Program {
    var rows: [(lower: Double, upper: Double)] = []
    var columns: [(lower: Double, upper: Double, cost: Double, entries: [(Int, Double)])] = []

    var model: LinearModel {
      var model = LinearModel()
      model.allowsEmpty = true
      for (i, row) in rows.enumerated() { model.addRow(name: "r\(i)", lower: row.lower, upper: row.upper) }
      for (j, column) in columns.enumerated() {
        model.addColumn(
          name: "x\(j)", lower: column.lower, upper: column.upper, objective: column.cost, kind: .continuous,
          entries: column.entries)
      }
      return model
    }
  }

  private func value(_ session: borrowing GLPKSession) -> Double {
    session.values.indices.reduce(0) { $0 + session.cost(of: $1) * session.values[$1] }
  }

  @Test(arguments: 0..<25) func `adding and changing and solving again is solving from scratch`(seed: Int)
    throws
  {
    var random = SplitMix64(seed: UInt64(seed) + 5_000)
    func unit() -> Double { Double.random(in: 0..<1, using: &random) }
    let k = Int.random(in: 1...7, using: &random)
    var program = Program()
    for _ in 0..<k {
      let upper = 1 + 3 * unit()
      program.rows.append((unit() < 0.3 ? -1 : -.infinity, upper))
    }
    var session = try GLPKSession(lower: program.rows.map(\.lower), upper: program.rows.map(\.upper))
    for round in 0..<6 {
      var columns = Columns()
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        let entries = (0..<k).filter { _ in unit() < 0.6 }.map { ($0, 4 * unit() - 1) }
        let column = (-unit(), unit() < 0.2 ? 3 : 1 + unit(), 4 * unit() - 2.5, entries)
        program.columns.append(column)
        columns.append(lower: column.0, upper: column.1, cost: column.2, entries: column.3)
      }
      #expect(try session.add(columns) == program.columns.count - columns.count)
      if round % 3 == 1, program.columns.count > 1 {
        let costs = program.columns.indices.dropFirst().map { _ in 4 * unit() - 2 }
        for (at, cost) in costs.enumerated() { program.columns[at + 1].cost = cost }
        try session.setCosts(costs, of: 1..<program.columns.count)
      }
      if round % 3 == 2 {
        let upper = 1 + 3 * unit()
        program.rows[0].upper = upper
        try session.setRows(lower: [program.rows[0].lower], upper: [upper])
      }
      guard !program.columns.isEmpty else { continue }
      let reference = try GLPKSolverElsewhere.solve(program.model)
      let status = try session.solve(dual: round % 2 == 1)
      let place: Comment = "seed \(seed), round \(round)"
      guard reference.status == .optimal else {
        #expect(reference.status == .infeasible && status == .failed, place)
        continue
      }
      #expect(status == .optimal, place)
      #expect(abs(value(session) - reference.objective) <= 1e-8 * max(1, abs(reference.objective)), place)
      // The duals prove it: rows and columns pushed to their bounds come to the same number.
      var dual = 0.0
      for (row, y) in zip(program.rows, session.rowDuals) where abs(y) > 1e-12 {
        dual += y * (y > 0 ? row.lower : row.upper)
      }
      for column in program.columns {
        let reduced = column.entries.reduce(column.cost) { $0 - session.rowDuals[$1.0] * $1.1 }
        dual += reduced * (reduced > 0 ? column.lower : column.upper)
      }
      #expect(abs(dual - reference.objective) <= 1e-8 * max(1, abs(reference.objective)), place)
    }
  }

  @Test(arguments: 0..<12) func `ranges are where the duals stay`(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed) + 6_000)
    func unit() -> Double { Double.random(in: 0..<1, using: &random) }
    let k = 3
    let uppers = (0..<k).map { _ in 2 + 2 * unit() }
    var columns = Columns()
    for _ in 0..<10 {
      columns.append(upper: 1, cost: -unit() - 0.1, entries: (0..<k).map { ($0, unit() + 0.05) })
    }
    func solved(_ uppers: [Double]) throws -> (
      value: Double, duals: [Double], ranges: [(least: Double, most: Double)]
    ) {
      var session = try GLPKSession(lower: uppers.map { _ in -.infinity }, upper: uppers)
      try session.add(columns)
      #expect(try session.solve(dual: false) == .optimal)
      let ranges = try #require(try session.ranges(of: k))
      return (value(session), session.rowDuals, ranges)
    }
    let found = try solved(uppers)
    #expect(found.ranges.count == k)
    for row in 0..<k {
      let (least, most) = found.ranges[row]
      let place: Comment = "seed \(seed), row \(row), from \(least) to \(most)"
      #expect(least <= uppers[row] + 1e-9 && most >= uppers[row] - 1e-9, place)
      if found.duals[row] == 0 {
        #expect(least == -.infinity && most == .infinity, place)
        continue
      }
      for part in [0.02, 0.5, 0.98] where least.isFinite && most.isFinite {
        var moved = uppers
        moved[row] = least + part * (most - least)
        let there = try solved(moved)
        let change = found.duals[row] * (moved[row] - uppers[row])
        #expect(abs(there.value - found.value - change) < 1e-8, place)
        #expect(zip(there.duals, found.duals).allSatisfy { abs($0 - $1) < 1e-8 }, place)
      }
    }
  }

  @Test func `unbounded and infeasible programs are failures, and the session lives on`() throws {
    var session = try GLPKSession(lower: [1], upper: [2])
    var columns = Columns()
    columns.append(upper: 0.5, cost: 1, entries: [(0, 1.0)])
    try session.add(columns)
    #expect(try session.solve(dual: false) == .failed)
    #expect(try session.solve(dual: true) == .failed)
    columns = Columns()
    columns.append(cost: 2, entries: [(0, 1.0)])
    try session.add(columns)
    #expect(try session.solve(dual: true) == .optimal && abs(value(session) - 1.5) < 1e-12)
    columns = Columns()
    columns.append(cost: -1, entries: [])
    try session.add(columns)
    #expect(try session.solve(dual: false) == .failed)
    try session.setCosts([0], of: 2..<3)
    #expect(try session.solve(dual: false) == .optimal && abs(value(session) - 1.5) < 1e-12)
  }

  @Test func `hostile magnitudes do not crash it`() throws {
    for size in [1e-300, 1e-30, 1e30, 1e300, Double.greatestFiniteMagnitude] {
      var session = try GLPKSession(lower: [-.infinity], upper: [size])
      var columns = Columns()
      columns.append(cost: -size, entries: [(0, size)])
      columns.append(upper: size, cost: -1, entries: [(0, 1.0)])
      do {
        try session.add(columns)
        if try session.solve(dual: false) == .optimal {
          #expect(session.values.allSatisfy(\.isFinite) && session.rowDuals.allSatisfy(\.isFinite), "\(size)")
        }
      } catch { #expect(!error.description.isEmpty) }
    }
  }
}

/// A session's thread must make no other call of GLPK while it lives.
private enum GLPKSolverElsewhere {
  static func solve(_ model: LinearModel) throws -> Solution {
    let result = Mutex(Result<Solution, any Error>?.none)
    let done = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      let answer = Result { try GLPKSolver().solve(model) as Solution }
      result.withLock { $0 = answer }
      done.signal()
    }
    done.wait()
    guard let answer = result.withLock({ $0 }) else { throw GLPKSessionError("no answer") }
    return try answer.get()
  }
}
