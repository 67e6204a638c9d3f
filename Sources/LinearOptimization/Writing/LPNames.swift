/// Names as the LP format allows them: unique, of letters, digits and `_ . ( ) ,`, and unlike its keywords
/// and numbers.
struct LPNames {
  private var used: Set<String>
  /// The next number to try for a name that is taken.
  private var next: [String: Int] = [:]

  private static let longest = 150
  private static let keywords: Set<String> = [
    "bin", "binaries", "binary", "bound", "bounds", "end", "free", "gen", "general", "generals", "inf",
    "infinity",
    "int", "integer", "integers", "max", "maximize", "maximise", "maximum", "min", "minimize", "minimise",
    "minimum",
    "nan", "sec", "secs", "semi", "semis", "sin", "sos", "st", "s.t.", "st.", "such", "subject", "that", "to",
  ]

  /// No names yet, but for those that are taken.
  init(reserving names: Set<String> = []) {
    used = names
  }

  /// A name for `text` that was not given before.
  mutating func name(for text: String) -> String {
    let legal = Self.legal(text)
    if used.insert(legal).inserted { return legal }
    var number = next[legal] ?? 2
    while !used.insert("\(legal).\(number)").inserted { number += 1 }
    next[legal] = number + 1
    return "\(legal).\(number)"
  }

  private static func legal(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(longest) {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "(", ")", ",": result.unicodeScalars.append(scalar)
      case "[", "{": result.append("(")
      case "]", "}": result.append(")")
      default: result.append("_")
      }
    }
    // What begins with a digit or an e could be read as a number or an exponent.
    let first = result.first ?? "0"
    let beginsWell = first.isLetter && first != "e" && first != "E"
    return beginsWell && !keywords.contains(result.lowercased()) ? result : "_" + result
  }
}
