import Drayage
import DrayageCore
import DrayageSimulation
import Foundation
import Testing

@testable import DrayageExecution

/// Every fault, in every wire format, whole and streamed, over real sockets: what the executor takes it for, how
/// often it tries, what it charges, and what the breaker learns.
@Suite("Fault matrix", .timeLimit(.minutes(10)))
struct FaultMatrixTests {
  /// What each failure must lead to, stated apart from the table that the code goes by.
  private static func expected(_ cell: FaultCell) -> FaultCell.Result {
    let failure = failure(cell)
    func outcome(
      _ attempts: Int, by model: String?, _ charge: FaultCell.Charge, opens: Bool, partial: Bool = false
    ) -> FaultCell.Result {
      FaultCell.Result(
        failure: failure, attempts: attempts, answeredBy: model, charge: charge, breakerIsOpen: opens,
        isPartial: partial)
    }
    return switch failure {
    // Status 200, so it may be billed.
    case .serverError where cell.fault == .errorEvent: outcome(2, by: "beta", .reservation, opens: true)
    // Google says how many tokens it metered: none.
    case .contentFilter where cell.dialect == "gemini-generate":
      outcome(2, by: "beta", .nothing, opens: false)
    case .rateLimited: outcome(2, by: "alpha", .nothing, opens: false)
    case .overloaded, .serverError: outcome(2, by: "beta", .nothing, opens: true)
    case .timeout, .stalled, .connectionLost, .truncated, .malformed:
      outcome(2, by: "beta", .reservation, opens: true)
    case .interrupted: outcome(1, by: nil, .reservation, opens: true, partial: true)
    case .unauthorized, .quotaExhausted, .notFound: outcome(2, by: "beta", .nothing, opens: true)
    case .contextTooLong: outcome(2, by: "beta", .nothing, opens: false)
    case .contentFilter: outcome(2, by: "beta", .reservation, opens: false)
    case .badRequest: outcome(1, by: nil, .nothing, opens: false)
    case .connectTimeout, .unreachable, .untrusted, .cancelled: outcome(0, by: nil, .nothing, opens: false)
    }
  }

  /// What each fault must be taken for.
  private static func failure(_ cell: FaultCell) -> FailureClass {
    switch cell.fault {
    case .tooManyRequests: .rateLimited
    case .serverError: .serverError
    // Anthropic's error events tell of an overload.
    case .errorEarly where cell.dialect == "anthropic-messages" && cell.streams: .overloaded
    case .errorEarly: .serverError
    case .unavailable, .overloaded: .overloaded
    case .badRequest: .badRequest
    case .unauthorized, .forbidden: .unauthorized
    case .unpaid: .quotaExhausted
    case .notFound: .notFound
    case .contextLength: .contextTooLong
    case .contentFilter: .contentFilter
    case .hang, .slowHeaders: .timeout
    case .reset: .connectionLost
    // The event that is none comes after the first token.
    case .malformed: cell.streams ? .interrupted : .malformed
    case .wrongType: .malformed
    case .cutEarly: .truncated
    case .stallEarly: .stalled
    case .truncated, .cut: cell.streams ? .interrupted : .truncated
    case .cutReset: cell.streams ? .interrupted : .connectionLost
    case .stall: cell.streams ? .interrupted : .stalled
    case .errorEvent where cell.streams: .interrupted
    // They have no form for an error with status 200.
    case .errorEvent where ["bedrock-converse", "cohere-chat"].contains(cell.dialect): .malformed
    case .errorEvent: .serverError
    }
  }

  @Test func everyCellIsAsTheTableSays() async throws {
    let cells = FaultCell.all
    #expect(cells.count >= 200)
    let results = try await withThrowingTaskGroup(of: (Int, Result<FaultCell.Result, any Error>).self) {
      group in
      var results: [Int: Result<FaultCell.Result, any Error>] = [:]
      for (place, cell) in cells.enumerated() {
        if place >= 12, let done = try await group.next() { results[done.0] = done.1 }
        group.addTask {
          do { return (place, .success(try await cell.run())) } catch { return (place, .failure(error)) }
        }
      }
      for try await done in group { results[done.0] = done.1 }
      return results
    }
    var lines: [(fault: String, dialect: String, form: String, result: String)] = []
    for (place, cell) in cells.enumerated() {
      let note = Comment(
        rawValue: "\(cell.fault.rawValue), \(cell.dialect), \(cell.streams ? "streamed" : "whole")")
      switch results[place] {
      case .success(let result):
        #expect(result == Self.expected(cell), note)
        lines.append(
          (cell.fault.rawValue, cell.dialect, cell.streams ? "streamed" : "whole", Self.words(result)))
      case .failure(let error): Issue.record("\(note.rawValue): \(error)")
      case nil: Issue.record(note)
      }
    }
    try FaultTable.check(lines)
  }

  private static func words(_ result: FaultCell.Result) -> String {
    let end =
      if let model = result.answeredBy {
        model == "alpha" ? "answered by the same" : "answered by the next"
      } else {
        result.isPartial ? "partial" : "failed"
      }
    return [
      result.failure?.rawValue ?? "", "\(result.attempts)", end, result.charge.rawValue,
      result.breakerIsOpen ? "counts" : "neutral",
    ].joined(separator: " | ")
  }
}
