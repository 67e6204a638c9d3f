/// Which offer each query goes to, as CSV: `query_id,offer`.
public enum AssignmentFile {
  /// Writes `assignments` to `path`, whole or not at all.
  ///
  /// - Throws: ``InputError`` if the file cannot be written; the path then keeps what it had.
  public static func write(
    _ assignments: some Sequence<(queryID: String, offer: String)>, to path: String
  ) throws(InputError) {
    var file = try AtomicFile(path)
    try file.append(CSVWriter.record(["query_id", "offer"]))
    for assignment in assignments {
      try file.append(CSVWriter.record([assignment.queryID, assignment.offer]))
    }
    try file.commit()
  }
}
