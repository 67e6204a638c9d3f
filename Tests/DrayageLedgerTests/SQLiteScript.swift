import GRDB

/// SQLite without the ledger, as another program uses it.
enum SQLiteScript {
  static func run(_ sql: String, at path: String) throws {
    let connection = try DatabaseQueue(path: path)
    try connection.writeWithoutTransaction { try $0.execute(sql: sql) }
    try connection.close()
  }

  /// Holds a file's write lock until it is told to let go.
  final class Holder {
    private let connection: DatabaseQueue

    init(_ path: String) throws {
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      connection = try DatabaseQueue(path: path, configuration: configuration)
      try connection.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
    }

    func letGo() {
      try? connection.writeWithoutTransaction { try $0.rollback() }
    }
  }
}
