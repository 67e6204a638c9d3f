import DrayageProfiles

/// How estimates compare with exact counts over the texts of one kind.
struct Comparison {
  private var errors: [Double] = []
  private var overHigh = 0
  private var overBound = 0.0
  private var actual = 0
  private var estimated = 0

  mutating func add(_ estimate: TokenEstimate, actual count: Int) {
    if count == 0 { return }
    errors.append(abs(Double(estimate.expected) / Double(count) - 1))
    if count > estimate.high { overHigh += 1 }
    overBound = max(overBound, Double(count) / Double(estimate.bound))
    actual += count
    estimated += estimate.expected
  }

  mutating func add(_ other: Comparison) {
    errors += other.errors
    overHigh += other.overHigh
    overBound = max(overBound, other.overBound)
    actual += other.actual
    estimated += other.estimated
  }

  /// Texts, median and 95th percentile of the relative error, estimated over actual tokens of all texts,
  /// share of texts above the high estimate, largest actual over bound.
  var row: [String] {
    let sorted = errors.sorted()
    func quantile(_ share: Double) -> Double {
      sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
    return [
      "\(errors.count)", percent(quantile(0.5)), percent(quantile(0.95)),
      percent(Double(estimated) / Double(max(1, actual)) - 1),
      percent(Double(overHigh) / Double(max(1, errors.count))), fixed(overBound, 3),
    ]
  }
}

func percent(_ share: Double) -> String { fixed(share * 100, 1) + " %" }

/// A number with so many decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
  if !value.isFinite { return "-" }
  var scale = 1
  for _ in 0..<decimals { scale *= 10 }
  let whole = Int((abs(value) * Double(scale)).rounded())
  let fraction = String(whole % scale)
  let sign = value < 0 && whole > 0 ? "-" : ""
  if decimals == 0 { return sign + String(whole) }
  return "\(sign)\(whole / scale).\(String(repeating: "0", count: decimals - fraction.count))\(fraction)"
}

/// Prints columns padded to their widest cell, the first to the left and the others to the right.
func printTable(_ rows: [[String]]) {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  for row in rows {
    let cells = row.enumerated().map { column, cell in
      let padding = String(repeating: " ", count: widths[column] - cell.count)
      return column == 0 ? cell + padding : padding + cell
    }
    print(cells.joined(separator: "  "))
  }
}
