import DrayageCore
import Testing

@Suite("Failure classes") struct FailureClassTests {
  @Test func theTable() {
    let table = FailureClass.allCases.map { failure in
      let meaning = failure.meaning
      let marks = [
        meaning.retrySameOffer ? "retry" : "-", meaning.fallBack ? "fall back" : "-",
        meaning.mayBeBilled ? "billed" : "-", meaning.transient ? "transient" : "-",
      ]
      return "\(failure.rawValue): \(marks.joined(separator: ", "))"
    }
    #expect(
      table.joined(separator: "\n") == """
        rate_limited: retry, fall back, -, transient
        overloaded: retry, fall back, -, transient
        server_error: retry, fall back, -, transient
        timeout: -, fall back, billed, transient
        unreachable: retry, fall back, -, transient
        connection_lost: retry, fall back, billed, transient
        truncated: retry, fall back, billed, transient
        malformed: retry, fall back, billed, transient
        unauthorized: -, fall back, -, transient
        quota_exhausted: -, fall back, -, transient
        not_found: -, fall back, -, transient
        context_too_long: -, fall back, -, -
        bad_request: -, -, -, -
        cancelled: -, -, billed, transient
        """)
  }

  @Test(arguments: FailureClass.allCases)
  func namesAreReadBack(failure: FailureClass) {
    #expect(FailureClass(rawValue: failure.rawValue) == failure)
    #expect(failure.rawValue.allSatisfy { $0.isLowercase || $0 == "_" })
  }

  @Test(arguments: FailureClass.allCases)
  func whatMayBeTriedAtTheSameOfferMayBeTriedAtOthers(failure: FailureClass) {
    #expect(!failure.meaning.retrySameOffer || failure.meaning.fallBack)
  }
}
