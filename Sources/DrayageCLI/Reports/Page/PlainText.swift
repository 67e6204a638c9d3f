/// Text of unknown origin as one short, visible line.
enum PlainText {
  /// Cuts to `limit` scalars, with an ellipsis in place of the rest; turns line breaks and tabs into spaces,
  /// and drops everything else that is invisible or changes the direction of the text around it.
  ///
  /// It counts scalars and not characters, because one character can hold any number of combining marks, and
  /// it reads no more of the text than it needs: the time does not grow with the length of the input.
  static func line(_ text: String, limit: Int) -> String {
    var kept = String.UnicodeScalarView()
    var count = 0
    var marks = 0
    var read = 0
    for scalar in text.unicodeScalars {
      read += 1
      if count == limit || read > 8 * limit {
        while kept.last == " " { kept.removeLast() }
        kept.append("…")
        break
      }
      guard let visible = visible(scalar) else { continue }
      // Runs of white space show as one space, so they are stored as one.
      if visible == " ", kept.last == " " || kept.isEmpty { continue }
      // Piled marks would cover the lines above; no writing needs more than a few on one letter.
      marks = visible.properties.generalCategory == .nonspacingMark ? marks + 1 : 0
      if marks > 4 { continue }
      kept.append(visible)
      count += 1
    }
    while kept.last == " " { kept.removeLast() }
    return String(kept)
  }

  /// Cuts the middle out, since names of offers differ at both ends.
  static func shortened(_ text: String, limit: Int) -> String {
    let whole = line(text, limit: 200)
    let scalars = Array(whole.unicodeScalars)
    guard scalars.count > limit, limit > 2 else { return whole }
    let tail = (limit - 1) / 2
    var short = String.UnicodeScalarView(scalars.prefix(limit - 1 - tail))
    short.append("…")
    short.append(contentsOf: scalars.suffix(tail))
    return String(short)
  }

  private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.properties.generalCategory {
    case .spaceSeparator, .lineSeparator, .paragraphSeparator: " "
    case .control: ("\t"..."\r").contains(scalar) ? " " : nil
    case .format, .privateUse, .surrogate, .unassigned: nil
    default: scalar
    }
  }
}
