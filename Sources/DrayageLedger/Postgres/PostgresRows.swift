internal import CPostgres

/// The rows of one statement; columns are counted from 0.
final class PostgresRows {
  private let result: OpaquePointer

  /// Takes over `result`.
  init(_ result: OpaquePointer) { self.result = result }

  deinit { PQclear(result) }

  /// How many rows there are.
  var count: Int { Int(PQntuples(result)) }

  /// How many rows the statement has changed.
  var changed: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

  private func value(_ row: Int, _ column: Int) -> UnsafeBufferPointer<UInt8>? {
    guard PQgetisnull(result, Int32(row), Int32(column)) == 0,
      let start = PQgetvalue(result, Int32(row), Int32(column))
    else { return nil }
    let count = Int(PQgetlength(result, Int32(row), Int32(column)))
    return UnsafeRawBufferPointer(start: start, count: count).assumingMemoryBound(to: UInt8.self)
  }

  private func broken(_ column: Int) -> BrokenTables {
    BrokenTables.value(
      table: "drayage", column: PQfname(result, Int32(column)).map { String(cString: $0) } ?? "")
  }

  /// Whether a value is null.
  func isNull(_ row: Int, _ column: Int) -> Bool { PQgetisnull(result, Int32(row), Int32(column)) == 1 }

  /// - Throws: ``BrokenTables`` if the value is no integer.
  func integer(_ row: Int, _ column: Int) throws -> Int64 {
    guard let bytes = value(row, column), let number = Int64(String(decoding: bytes, as: UTF8.self)) else {
      throw broken(column)
    }
    return number
  }

  /// - Throws: ``BrokenTables`` if the value is no number.
  func real(_ row: Int, _ column: Int) throws -> Double {
    guard let bytes = value(row, column), let number = Double(String(decoding: bytes, as: UTF8.self)) else {
      throw broken(column)
    }
    return number
  }

  /// - Throws: ``BrokenTables`` if the value is null.
  func text(_ row: Int, _ column: Int) throws -> String {
    guard let bytes = value(row, column) else { throw broken(column) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// - Throws: ``BrokenTables`` if the value is no bytes.
  func bytes(_ row: Int, _ column: Int) throws -> [UInt8] {
    guard let text = value(row, column), let bytes = PostgresValue.bytes(ofHexadecimal: Array(text)) else {
      throw broken(column)
    }
    return bytes
  }
}
