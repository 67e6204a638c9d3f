/// The order statistic that a quantile of weights 1 is.
func order(_ sorted: [Double], _ p: Double) -> Double {
  sorted[min(max(Int((p * Double(sorted.count)).rounded(.up)) - 1, 0), sorted.count - 1)]
}

/// Whether two numbers agree up to a share of the greater one.
func close(_ a: Double, _ b: Double, within tolerance: Double) -> Bool {
  abs(a - b) <= tolerance * max(abs(a), abs(b))
}
