/// Some of the rows of a batch, each as likely as any other, which speak for those that are not looked at one by
/// one.
///
/// Vitter, "Random sampling with a reservoir", ACM TOMS 11 (1985), algorithm R; drawn by the row's line, so that the
/// same file gives the same sample.
struct RowSample {
  private(set) var rows: [BatchRow] = []
  /// How many rows were offered.
  private(set) var count = 0
  private let most: Int

  /// - Parameter most: rows, 1 or more.
  init(of most: Int) { self.most = max(1, most) }

  mutating func offer(_ row: BatchRow) {
    count += 1
    guard rows.count == most else { return rows.append(row) }
    let place = Int(Self.scattered(UInt64(row.line)) % UInt64(count))
    if place < most { rows[place] = row }
  }

  /// A number that shows nothing of the one it was made of (the finalizer of MurmurHash3).
  private static func scattered(_ number: UInt64) -> UInt64 {
    var x = number &+ 0x9E37_79B9_7F4A_7C15
    x = (x ^ (x >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    x = (x ^ (x >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return x ^ (x >> 33)
  }
}
