/// Plain words that say nothing.
enum FillerText {
  /// Words that common vocabularies hold whole; at least four letters, so that a text of n words has no fewer
  /// bytes than four times its n tokens.
  private static let words = [
    "about", "after", "again", "because", "before", "between", "country", "different", "every", "family",
    "first", "great",
    "house", "large", "little", "many", "never", "number", "other", "people", "place", "right", "small",
    "sound", "still",
    "their", "thing", "think", "water", "where", "world", "write",
  ]

  /// `count` words, at least one, in an order of the query's own, so that no two queries look alike.
  static func text(_ count: Int, for id: String) -> String {
    var text = ""
    eachWord(count, for: id) { text += text.isEmpty ? $0 : " " + $0 }
    return text
  }

  /// A hash of the text, without the text.
  static func hash(_ count: Int, for id: String) -> UInt64 {
    var hash = StableHash()
    var isFirst = true
    eachWord(count, for: id) { word in
      if !isFirst { hash.combine(byte: UInt8(ascii: " ")) }
      isFirst = false
      for byte in word.utf8 { hash.combine(byte: byte) }
    }
    return hash.value
  }

  /// The hash that ``hash(_:for:)`` gives for this text.
  static func hash(of text: String) -> UInt64 {
    var hash = StableHash()
    for byte in text.utf8 { hash.combine(byte: byte) }
    return hash.value
  }

  /// A word of its own for every seed and index.
  static func word(_ index: Int, seed: UInt64) -> String {
    var hash = StableHash()
    hash.combine(seed)
    hash.combine(UInt64(bitPattern: Int64(index)))
    return words[Int(hash.value >> 59)]
  }

  private static func eachWord(_ count: Int, for id: String, _ body: (String) -> Void) {
    var hash = StableHash()
    hash.combine(id)
    var state = hash.value
    for _ in 0..<max(1, count) {
      // Knuth's linear congruential generator; its high bits are the good ones.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      body(words[Int(state >> 59)])
    }
  }
}
