/// What the numbers on an axis count, and so how they are printed.
enum AxisUnit: Sendable {
  case plain, dollars
  /// Seconds are printed in the unit that the caller divided by, such as `min`.
  case named(String)
}

extension AxisTick {
  /// The number, in at most eight characters for ticks of `AxisScale.ticks` that have no more than four
  /// digits.
  func label(_ unit: AxisUnit) -> String {
    if mantissa == 0 { return if case .dollars = unit { "$0" } else { "0" } }
    let sign = mantissa < 0 ? "-" : ""
    return switch unit {
    case .plain: sign + digits(decimals: max(0, -exponent))
    // Cents are two digits by custom.
    case .dollars: sign + "$" + digits(decimals: exponent == -1 ? 2 : max(0, -exponent))
    case .named(let name): sign + digits(decimals: max(0, -exponent)) + " " + name
    }
  }

  private func digits(decimals: Int) -> String {
    var significant = "\(abs(mantissa))"
    var exponent = exponent
    while significant.hasSuffix("0") {
      significant.removeLast()
      exponent += 1
    }
    let leading = significant.count - 1 + exponent
    switch leading {
    case ..<(-4), 15...:
      return Self.pointed(significant, -(significant.count - 1), padding: 0) + "e\(leading)"
    case 12...: return Self.pointed(significant, exponent - 12, padding: 0) + "T"
    case 9...: return Self.pointed(significant, exponent - 9, padding: 0) + "B"
    case 6...: return Self.pointed(significant, exponent - 6, padding: 0) + "M"
    case 3...: return Self.pointed(significant, exponent - 3, padding: 0) + "k"
    default: return Self.pointed(significant, exponent, padding: decimals)
    }
  }

  /// The digits times ten to the exponent in plain notation, with at least `padding` decimals.
  private static func pointed(_ digits: String, _ exponent: Int, padding: Int) -> String {
    if exponent >= 0 {
      let whole = digits + String(repeating: "0", count: exponent)
      return padding > 0 ? whole + "." + String(repeating: "0", count: padding) : whole
    }
    let padded = String(repeating: "0", count: max(0, 1 - exponent - digits.count)) + digits
    let decimals = String(padded.suffix(-exponent))
    return padded.dropLast(-exponent) + "." + decimals
      + String(repeating: "0", count: max(0, padding + exponent))
  }
}
