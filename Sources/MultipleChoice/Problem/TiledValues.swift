/// Columns of numbers of one precision, end to end.
struct TiledValues: Sendable {
  let columnCount: Int
  let columnLength: Int
  private let isSingle: Bool
  private let singles: [Float]
  private let doubles: [Double]

  init(singles: [Float], columnCount: Int) {
    self.columnCount = columnCount
    columnLength = columnCount > 0 ? singles.count / columnCount : 0
    isSingle = true
    self.singles = singles
    doubles = []
  }

  init(doubles: [Double], columnCount: Int) {
    self.columnCount = columnCount
    columnLength = columnCount > 0 ? doubles.count / columnCount : 0
    isSingle = false
    singles = []
    self.doubles = doubles
  }

  subscript(column: Int, at: Int) -> Double {
    isSingle ? Double(singles[column * columnLength + at]) : doubles[column * columnLength + at]
  }

  /// Pointers to some of the columns, valid during the call.
  func withPointers(_ which: [Int], _ body: (UnsafeBufferPointer<UnsafeRawPointer?>) -> Void) {
    func pass(_ start: UnsafeRawPointer?, _ size: Int) {
      let pointers = which.map { column in start.map { $0 + column * columnLength * size } }
      pointers.withUnsafeBufferPointer(body)
    }
    if isSingle {
      singles.withUnsafeBytes { pass($0.baseAddress, MemoryLayout<Float>.size) }
    } else {
      doubles.withUnsafeBytes { pass($0.baseAddress, MemoryLayout<Double>.size) }
    }
  }
}
