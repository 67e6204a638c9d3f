/// Numbers that describe queries, such as a projection of an embedding: CSV with the column `query_id`, and one
/// column per feature.
public struct FeatureTable: Sendable {
  /// How many features each query has, 1 or more.
  public let dimension: Int
  private let rows: [String: [Float]]

  /// Reads a file.
  ///
  /// - Throws: ``InputError`` with line and column: a column is missing, a query is there twice, or a field is no
  ///   finite number.
  public init(contentsOf path: String) throws(InputError) {
    try self.init(try InputFile.bytes(at: path, limit: 1 << 31), file: path)
  }

  init(_ bytes: [UInt8], file: String) throws(InputError) {
    var reader = try CSVReader(bytes, file: file)
    guard let id = reader.header.firstIndex(of: "query_id"), reader.header.count > 1 else {
      throw InputError(
        .missing, file: file, line: 1,
        message: "a column 'query_id' and at least one column of numbers are needed; add them")
    }
    let columns = reader.header.indices.filter { $0 != id }
    dimension = columns.count
    var rows: [String: [Float]] = [:]
    while try reader.next() {
      var values: [Float] = []
      for column in columns {
        guard let value = Float(reader.text(column)), value.isFinite else {
          throw reader.error(
            .value, at: column,
            "\(InputError.quoted(reader.text(column))) is no finite number; write a decimal")
        }
        values.append(value)
      }
      guard rows.updateValue(values, forKey: reader.text(id)) == nil else {
        throw reader.error(
          .duplicate, at: id, "query \(InputError.quoted(reader.text(id))) is there twice; keep one row")
      }
    }
    self.rows = rows
  }

  /// The features of a query; `nil` if it is not there.
  public subscript(query: String) -> [Float]? { rows[query] }
}
