internal import CPostgres
internal import Foundation

/// One connection to PostgreSQL, on which statements are sent in a pipeline: they are gathered by
/// ``send(_:_:)`` and go to the server together, when their rows are asked for.
///
/// The only file that calls libpq. Used from one queue only. Nothing waits past the deadline of the call.
final class PostgresConnection {
  private let handle: OpaquePointer

  /// Connects to `address`.
  ///
  /// - Throws: ``PostgresFailure``.
  init(_ address: String, until deadline: ContinuousClock.Instant) throws(PostgresFailure) {
    let parameters = [
      ("fallback_application_name", "drayage"), ("dbname", address), ("client_encoding", "UTF8"),
    ]
    let keywords = parameters.map { strdup($0.0) } + [nil]
    let values = parameters.map { strdup($0.1) } + [nil]
    defer { for text in keywords + values { free(text) } }
    let handle = keywords.map { UnsafePointer($0) }.withUnsafeBufferPointer { keywords in
      values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
        PQconnectStartParams(keywords.baseAddress, values.baseAddress, 1)
      }
    }
    guard let handle else { throw PostgresFailure(kind: .lost, message: "no memory for a connection") }
    self.handle = handle
    // From here on a throw runs `deinit`, which closes the connection.
    guard PQstatus(handle) != CONNECTION_BAD else { throw lost() }
    // Only so does a server that refuses to be connected to say by a code why.
    let usual = PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    var wanted = PGRES_POLLING_WRITING
    while wanted != PGRES_POLLING_OK {
      try wait(write: wanted == PGRES_POLLING_WRITING, read: wanted == PGRES_POLLING_READING, until: deadline)
      wanted = PQconnectPoll(handle)
      if wanted == PGRES_POLLING_FAILED { throw refused() }
    }
    _ = PQsetErrorVerbosity(handle, usual)
    // The server's notices are not for the user's terminal.
    _ = PQsetNoticeReceiver(handle, { _, _ in }, nil)
    guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw lost() }
  }

  deinit { PQfinish(handle) }

  /// Host and database of `address`, never with a password; nil if it is no address.
  static func name(of address: String) -> String? {
    guard let options = PQconninfoParse(address, nil) else { return nil }
    defer { PQconninfoFree(options) }
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    let environment = ProcessInfo.processInfo.environment
    let host = values["host"] ?? values["hostaddr"] ?? environment["PGHOST"] ?? "local socket"
    let port = (values["port"] ?? environment["PGPORT"]).map { ":" + $0 } ?? ""
    let database = (values["dbname"] ?? environment["PGDATABASE"]).map { "/" + $0 } ?? ""
    // An address within an address is taken as a name, and everyone would get to see its password.
    guard !database.contains("://"), !database.contains("=") else { return nil }
    return "postgresql \(host)\(port)\(database)"
  }

  /// Names a statement for ``send(_:_:)``; its result, without rows, comes with the others.
  func prepare(_ statement: PostgresStatement) throws(PostgresFailure) {
    guard PQsendPrepare(handle, statement.rawValue, statement.sql, 0, nil) == 1 else { throw lost() }
  }

  /// Adds a prepared statement to the pipeline.
  func send(_ statement: PostgresStatement, _ values: [PostgresValue] = []) throws(PostgresFailure) {
    let sent = Self.withTexts(values) {
      PQsendQueryPrepared(handle, statement.rawValue, Int32(values.count), $0, nil, nil, 0)
    }
    guard sent == 1 else { throw lost() }
  }

  /// Adds a statement that is used once.
  func send(sql: String, _ values: [PostgresValue] = []) throws(PostgresFailure) {
    let sent = Self.withTexts(values) {
      PQsendQueryParams(handle, sql, Int32(values.count), nil, $0, nil, nil, 0)
    }
    guard sent == 1 else { throw lost() }
  }

  private static func withTexts(
    _ values: [PostgresValue], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Int32
  ) -> Int32 {
    let texts = values.map { $0.encoded.map { strdup($0) } ?? nil }
    defer { for text in texts { free(text) } }
    return texts.map { UnsafePointer($0) }.withUnsafeBufferPointer { body($0.baseAddress) }
  }

  /// Has the pipeline carried out, and returns the rows of each of its statements in order.
  ///
  /// - Throws: the first error; the statements after it were not carried out.
  func receive(until deadline: ContinuousClock.Instant) throws(PostgresFailure) -> [PostgresRows] {
    guard PQpipelineSync(handle) == 1 else { throw lost() }
    var results: [PostgresRows] = []
    var failure: PostgresFailure?
    var ended = false
    while true {
      guard let result = try next(until: deadline) else {
        // Null once after each statement; twice, and nothing more would ever come.
        guard !ended else { throw lost() }
        ended = true
        continue
      }
      ended = false
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC:
        PQclear(result)
        if let failure { throw failure }
        return results
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
        results.append(PostgresRows(result))
      case PGRES_PIPELINE_ABORTED:
        PQclear(result)
      default:
        if failure == nil { failure = self.failure(result) }
        PQclear(result)
        // An error that ends the connection is followed by nothing.
        if let failure, failure.endsConnection { throw failure }
      }
    }
  }

  /// The next result; waits for it.
  private func next(until deadline: ContinuousClock.Instant) throws(PostgresFailure) -> OpaquePointer? {
    while true {
      let unsent = PQflush(handle)
      guard unsent >= 0 else { throw lost() }
      if unsent == 0, PQisBusy(handle) == 0 { return PQgetResult(handle) }
      try wait(write: unsent == 1, read: true, until: deadline)
      guard PQconsumeInput(handle) == 1 else { throw lost() }
      if PQisBusy(handle) == 0 { return PQgetResult(handle) }
    }
  }

  private func wait(
    write: Bool, read: Bool, until deadline: ContinuousClock.Instant
  ) throws(PostgresFailure) {
    while true {
      let left = deadline - .now
      guard left > .zero else {
        throw PostgresFailure(kind: .lost, message: "the server does not answer in time")
      }
      var descriptor = pollfd(
        fd: PQsocket(handle), events: Int16((write ? POLLOUT : 0) | (read ? POLLIN : 0)), revents: 0)
      let milliseconds = Int32((min(left, .seconds(60)) / .milliseconds(1)).rounded(.up))
      let ready = poll(&descriptor, 1, milliseconds)
      if ready > 0 { return }
      guard ready == 0 || errno == EINTR else { throw lost() }
    }
  }

  private func failure(_ result: OpaquePointer) -> PostgresFailure {
    let message = PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) }
    guard let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else { return lost() }
    return PostgresFailure(kind: .state(String(cString: state)), message: message ?? "no reason is given")
  }

  private func lost() -> PostgresFailure {
    let reason = String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline)
    return PostgresFailure(
      kind: .lost, message: reason.isEmpty ? "the connection is gone" : reason.joined(separator: "; "))
  }

  /// Why the server cannot be connected to: with its code if it is there and only not ready.
  private func refused() -> PostgresFailure {
    let lines = String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline)
    // Such as `FATAL:  57P03: the database system is starting up`, and where in the server's source that is.
    let words = lines.filter { !$0.hasPrefix("LOCATION:") }.joined(separator: "; ").split(separator: " ")
    func isCode(_ word: Substring) -> Bool {
      word.utf8.count == 6 && word.hasSuffix(":")
        && word.utf8.dropLast().allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        && word.utf8.contains { (48...57).contains($0) }
    }
    let message = words.filter { !isCode($0) }.joined(separator: " ")
    let code = words.first(where: isCode).map { String($0.dropLast()) }
    guard let code, PostgresFailure.isNotReady(code) else {
      return PostgresFailure(kind: .lost, message: message.isEmpty ? "it cannot be connected to" : message)
    }
    return PostgresFailure(kind: .state(code), message: message)
  }
}
