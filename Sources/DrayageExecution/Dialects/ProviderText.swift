/// A provider's own words, made fit to be shown and written down.
enum ProviderText {
  /// The most characters of one message.
  static let mostCharacters = 300

  /// `text` on one line, cut, without control characters and without what looks like a secret.
  ///
  /// Providers quote the key that they refuse, whole or masked. Any run of letters and digits that could be
  /// one is replaced: one that begins as keys do, holds asterisks, is a UUID, or has 12 or more letters and
  /// digits mixed without a hyphen between.
  static func shown(_ text: String) -> String {
    var result = ""
    var run: [Unicode.Scalar] = []
    var afterBearer = false
    // What hangs on a secret by a dot or a slash is a part of it.
    var isHiding = false
    var joint: Unicode.Scalar?
    func endRun() {
      guard !run.isEmpty else { return }
      if isHiding {
        run = []
        joint = nil
        return
      }
      isHiding = afterBearer || isSecret(run)
      result += isHiding ? "[hidden]" : String(String.UnicodeScalarView(run))
      afterBearer = String(String.UnicodeScalarView(run)).lowercased() == "bearer"
      run = []
    }
    // What lies beyond could only be shown if all before it were secrets.
    for scalar in text.unicodeScalars.prefix(4_000) {
      if isRunScalar(scalar) {
        run.append(scalar)
      } else {
        endRun()
        if let joint { result.unicodeScalars.append(joint) }
        joint = isHiding && "./+=~".unicodeScalars.contains(scalar) ? scalar : nil
        if joint != nil { continue }
        isHiding = false
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate, .privateUse: result += " "
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    // A run that was cut could be the beginning of anything.
    if text.unicodeScalars.count <= 4_000 { endRun() }
    if let joint { result.unicodeScalars.append(joint) }
    return String(String.UnicodeScalarView(result.unicodeScalars.prefix(mostCharacters)))
  }

  /// A provider's word for something: its first 80 characters, without those that control a terminal.
  static func word(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(80).filter { $0.properties.generalCategory != .control }
    return String(String.UnicodeScalarView(scalars))
  }

  /// `text` as ``shown(_:)`` makes it, after a colon; nothing if there is none.
  static func suffix(_ text: String?) -> String {
    let shown = text.map(shown) ?? ""
    return shown.isEmpty ? "" : ": " + shown
  }

  private static func isRunScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "-", "*": true
    default: false
    }
  }

  /// How the keys of well-known providers begin.
  private static let prefixes = [
    "sk-", "sk_", "gsk_", "xai-", "pk-", "rk_", "AIza", "ya29", "nvapi-", "hf_", "r8_", "pplx-", "fw_",
    "csk-", "tgp_", "dapi", "ABSK", "AKIA", "ASIA", "bedrock-api-key", "eyJ", "flp_", "cfut_", "key_", "ghp_",
  ]

  private static func isSecret(_ run: [Unicode.Scalar]) -> Bool {
    let text = String(String.UnicodeScalarView(run))
    if text.contains("***") { return true }
    if run.count >= 8, prefixes.contains(where: { text.hasPrefix($0) }) { return true }
    let pieces = run.split { $0 == "-" || $0 == "_" }
    // A UUID serves some as a key.
    return pieces.contains(where: isRandom) || pieces.map(\.count) == [8, 4, 4, 4, 12]
  }

  /// Whether letters and digits are mixed as no word or version mixes them.
  private static func isRandom(_ piece: ArraySlice<Unicode.Scalar>) -> Bool {
    let digits = piece.count { ("0"..."9").contains($0) }
    let letters = piece.count { ("a"..."z").contains($0) || ("A"..."Z").contains($0) }
    return digits > 0 && letters > 0 && (piece.count >= 16 || piece.count >= 12 && min(digits, letters) >= 4)
  }
}
