/// What a tokenizer does to a text before it cuts it, which can lengthen the text.
public enum Normalization: Sendable, Hashable {
  /// Nothing.
  case none
  /// Canonical composition (NFC).
  case canonical
  /// Compatibility composition (NFKC).
  case compatible

  /// The most bytes of UTF-8 that one byte of a character outside ASCII can become. ASCII never changes.
  ///
  /// 3 for NFC and 11 for NFKC (unicode.org/faq/normalization.html, "maximum expansion factor"); NFC is never
  /// longer than NFD, whose factor is 3 as well.
  public var expansion: Int {
    switch self {
    case .none: 1
    case .canonical: 3
    case .compatible: 11
    }
  }

  /// The same for characters of Han, Hangul and kana, without the compatibility ideographs.
  ///
  /// Ideographs do not decompose. Hangul syllables and voiced kana do, and NFC puts them together again. NFKC
  /// takes apart the kana digraphs (U+309F, U+30FF) and the spacing voice marks, to at most twice their
  /// bytes.
  public var stableExpansion: Int {
    self == .compatible ? 2 : 1
  }
}
