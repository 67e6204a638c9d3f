import DrayageTesting

/// Texts that are hard to cut up.
extension SplitMix64 {
  /// A text of all that pre-tokenizers treat specially.
  mutating func text(length: Int) -> String {
    let alphabet =
      Array(
        "aAbZzsStTlLrRvVeEmMdD'''  \n\r\t//--..!?019٣½中文あア가힣éÉßǅʰªſKא عक्षि"
          .unicodeScalars) + [
        "\u{301}", "\u{323}", "\u{200D}", "\u{A0}", "\u{3000}", "\u{85}", "👍", "🏽", "𝒳", "𐐀", "\u{1680}", "Ⅷ",
        "²", "\0", "\u{FEFF}",
      ]
    var text = String.UnicodeScalarView()
    for _ in 0..<length { text.append(alphabet.randomElement(using: &self) ?? "a") }
    return String(text)
  }

  /// Any scalars at all.
  mutating func scalars(length: Int) -> String {
    var text = String.UnicodeScalarView()
    while text.count < length {
      let limit = [0x80, 0x800, 0x10000, 0x110000].randomElement(using: &self) ?? 0x80
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<UInt32(limit), using: &self)) {
        text.append(scalar)
      }
    }
    return String(text)
  }
}
