/// Why PostgreSQL did not do what it was asked.
struct PostgresFailure: Error, Equatable {
  enum Kind: Equatable {
    /// The server cannot be reached, or the connection is gone: what was under way may or may not be done.
    case lost
    /// The server reports an error with this SQLSTATE; the transaction is void.
    case state(String)
  }

  let kind: Kind
  /// In one line; never with a password.
  let message: String

  /// Whether the same transaction may well succeed when it is tried again. The codes are those of "Appendix
  /// A. PostgreSQL Error Codes" of its documentation.
  var isTransient: Bool {
    switch kind {
    case .lost: true
    case .state(let state): Self.transient.contains(state) || Self.gone(state)
    }
  }

  /// Whether the connection is of no use any more.
  var endsConnection: Bool {
    switch kind {
    case .lost: true
    case .state(let state): Self.gone(state)
    }
  }

  /// Whether a server that refuses connections with this code takes them later: it is starting up or shutting down, or
  /// has as many as it can.
  static func isNotReady(_ state: String) -> Bool { state == "57P03" || state == "53300" }

  /// Serialization failure, deadlock, a row that another process has added in the meantime, a lock not to be
  /// had in time, a statement that took too long.
  private static let transient: Set<String> = ["40001", "40P01", "23505", "55P03", "57014"]

  /// Connection exceptions, shutting down, starting up, too many connections, a standby, idle for too long.
  private static func gone(_ state: String) -> Bool {
    state.hasPrefix("08") || state.hasPrefix("57P") || state == "53300" || state == "25006"
      || state == "25P03"
  }
}
