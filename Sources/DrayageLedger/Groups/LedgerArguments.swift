internal import DrayageCore

/// What both stores can hold. Everything is checked before it is handed to a store.
struct LedgerArguments {
  let store: String

  private func invalid(_ message: String) -> LedgerStoreError { LedgerStoreError(.invalid, store, message) }

  private func check(text: String, _ what: String, atMost bytes: Int) throws(LedgerStoreError) {
    guard text.utf8.count <= bytes else {
      throw invalid("\(what) has \(text.utf8.count) bytes; at most \(bytes) are taken")
    }
    guard !text.utf8.contains(0) else { throw invalid("\(what) contains the character NUL; leave it out") }
  }

  /// `name` has 1...256 bytes, none of them zero.
  func check(name: String, _ what: String) throws(LedgerStoreError) {
    try check(text: name, what, atMost: 256)
    guard !name.isEmpty else { throw invalid("\(what) is empty") }
  }

  func check(_ time: UTCInstant) throws(LedgerStoreError) {
    guard BudgetCalendar.instants.contains(time) else {
      throw invalid("\(time.secondsSince1970) seconds since 1970 is no instant from 1970 to 9999")
    }
  }

  func check(_ key: ReservationKey) throws(LedgerStoreError) {
    try check(name: key.run, "a run's name")
    try check(text: key.attempt.request, "a request's id", atMost: 1_024)
    guard key.attempt.ordinal >= 1 else { throw invalid("\(key.attempt.ordinal) is no ordinal from 1") }
  }

  func check(payload: [UInt8]) throws(LedgerStoreError) {
    guard payload.count <= 65_536 else {
      throw invalid(
        "a payload of \(payload.count) bytes; at most 65,536 are taken: store a reference instead")
    }
  }

  func check(_ request: ReservationRequest) throws(LedgerStoreError) {
    try check(request.key)
    try check(payload: request.payload)
    guard request.ceiling >= .zero else {
      throw invalid("a reservation of \(request.ceiling) for \(request.key) is less than nothing")
    }
  }

  func check(_ budgets: [Budget]) throws(LedgerStoreError) {
    var names: Set<String> = []
    for budget in budgets {
      try check(name: budget.name, "a budget's name")
      let quoted = "budget '\(budget.name)'"
      guard names.insert(budget.name).inserted else { throw invalid("\(quoted) is declared twice") }
      guard budget.limit >= .zero else { throw invalid("\(quoted) has a limit of less than nothing") }
      switch budget.scope {
      case .all: break
      case .key(let name), .workload(let name), .tag(let name), .provider(let name):
        try check(text: name, "the scope of \(quoted)", atMost: 1_024)
      }
      switch budget.window {
      case .total: break
      case .day(let zone), .month(let zone):
        guard BudgetCalendar.knows(zone: zone) else {
          throw invalid(
            "\(quoted) counts in the time zone '\(zone)', which is unknown here; "
              + "name one of the IANA database, such as Europe/Vienna or UTC")
        }
      }
    }
  }

  func check(_ jobs: [Job]) throws(LedgerStoreError) {
    guard jobs.count <= 10_000 else { throw invalid("\(jobs.count) jobs at a time; put in 10,000 at most") }
    for job in jobs {
      try check(jobID: job.id)
      try check(payload: job.payload)
      if let outcome = job.outcome { try check(outcome) }
    }
  }

  func check(jobID: String) throws(LedgerStoreError) { try check(text: jobID, "a job's id", atMost: 1_024) }

  func check(requests: [String]) throws(LedgerStoreError) {
    guard requests.count <= 10_000 else {
      throw invalid("\(requests.count) requests at a time; ask for 10,000 at most")
    }
    for request in requests { try check(text: request, "a request's id", atMost: 1_024) }
  }

  func check(_ outcome: JobOutcome) throws(LedgerStoreError) {
    if let source = outcome.source { try check(text: source, "a source", atMost: 1_024) }
    if let code = outcome.code { try check(text: code, "a code", atMost: 256) }
    guard outcome.result.count <= 256 << 20 else {
      throw invalid("a result of \(outcome.result.count) bytes; at most 256 MiB are kept")
    }
    guard outcome.charge >= .zero, outcome.attempts >= 0 else {
      throw invalid("an outcome of less than nothing")
    }
    for value in [outcome.score, outcome.expected, outcome.seconds] where value?.isFinite == false {
      throw invalid("an outcome that is no number")
    }
  }

  func check(count: Int) throws(LedgerStoreError) {
    guard (1...10_000).contains(count) else { throw invalid("\(count) jobs at a time; claim 1 to 10,000") }
  }

  /// When a lease from `time` on ends, in seconds since 1970.
  func end(of lease: Int, from time: UTCInstant) throws(LedgerStoreError) -> Int64 {
    try check(time)
    guard (1...31_536_000).contains(lease) else {
      throw invalid("a lease of \(lease) seconds; one lasts from a second to a year")
    }
    return time.secondsSince1970 + Int64(lease)
  }
}
