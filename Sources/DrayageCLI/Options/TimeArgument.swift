import ArgumentParser

/// A span of time such as `45s`, `90m`, `6h`, `1d` or `1h30m`.
struct TimeArgument: ExpressibleByArgument {
  /// Above 0.
  let seconds: Double

  init?(argument: String) {
    var rest = Substring(argument)
    var sum = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      guard let number = Double(digits), number.isFinite, let unit = rest.popFirst() else { return nil }
      switch unit {
      case "s": sum += number
      case "m": sum += 60 * number
      case "h": sum += 3_600 * number
      case "d": sum += 86_400 * number
      default: return nil
      }
    }
    guard sum > 0, sum <= 3.2e7 else { return nil }
    seconds = sum
  }

  /// A time as it can be typed in: at least as long, in whole minutes above an hour.
  static func text(_ seconds: Double) -> String {
    let unit = seconds > 3_600 ? 60.0 : 1
    let whole = Int((seconds / unit).rounded(.up)) * Int(unit)
    let parts = [(whole / 3_600, "h"), (whole % 3_600 / 60, "m"), (whole % 60, "s")]
    return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
  }
}
