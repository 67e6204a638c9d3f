import DrayageCore
import Testing

@Suite("Failure classes") struct FailureClassTests {
  @Test func `the table`() {
    let table = FailureClass.allCases.map { failure in
      let meaning = failure.meaning
      let fallBack =
        switch meaning.fallBack {
        case .none: "-"
        case .any: "any"
        case .largerContext: "larger"
        }
      let marks = [
        meaning.retrySameOffer ? "retry" : "-", fallBack, meaning.reach == .domain ? "domain" : "offer",
        meaning.mayBeBilled ? "billed" : "-", meaning.transient ? "transient" : "-",
        meaning.breaker == .failure ? "failure" : "neutral",
      ]
      return "\(failure.rawValue): \(marks.joined(separator: ", "))"
    }
    #expect(
      table.joined(separator: "\n") == """
        rate_limited: retry, any, offer, -, transient, neutral
        overloaded: retry, any, offer, -, transient, failure
        server_error: retry, any, offer, -, transient, failure
        timeout: -, any, offer, billed, transient, failure
        stalled: -, any, offer, billed, transient, failure
        connect_timeout: retry, any, domain, -, transient, failure
        unreachable: retry, any, domain, -, transient, failure
        untrusted: -, any, domain, -, transient, failure
        connection_lost: retry, any, offer, billed, transient, failure
        truncated: retry, any, offer, billed, transient, failure
        interrupted: -, -, offer, billed, transient, failure
        malformed: retry, any, offer, billed, transient, failure
        content_filter: -, any, offer, billed, -, neutral
        unauthorized: -, any, domain, -, transient, failure
        quota_exhausted: -, any, domain, -, transient, failure
        not_found: -, any, offer, -, transient, failure
        context_too_long: -, larger, offer, -, -, neutral
        bad_request: -, -, offer, -, -, neutral
        cancelled: -, -, offer, billed, transient, neutral
        """)
  }

  @Test(arguments: FailureClass.allCases)
  func `names are read back`(failure: FailureClass) {
    #expect(FailureClass(rawValue: failure.rawValue) == failure)
    #expect(failure.rawValue.allSatisfy { $0.isLowercase || $0 == "_" })
  }

  @Test(arguments: FailureClass.allCases)
  func `what may be tried at the same offer may be tried at others`(failure: FailureClass) {
    #expect(!failure.meaning.retrySameOffer || failure.meaning.fallBack == .any)
  }

  @Test(arguments: FailureClass.allCases)
  func `what concerns a whole domain was never processed`(failure: FailureClass) {
    #expect(failure.meaning.reach == .offer || !failure.meaning.mayBeBilled)
  }
}
