/// Features of a prompt's text that need no network and no vocabulary: its size, what it is made of, which
/// scripts it is written in, and its words and pairs of neighbouring words hashed into a few signed buckets.
///
/// Hashing with signs follows Weinberger et al., "Feature hashing for large scale multitask learning" (ICML
/// 2009). One pass over the first ``limit`` bytes; equal texts give equal features on every machine.
public struct TextFeatures: Hashable, Sendable {
  /// How many hashed features there are.
  public let buckets: Int
  /// How many bytes of a text are read; sizes are of the whole text.
  public let limit: Int

  /// What the features before the hashed ones are.
  public static let names = [
    "log bytes", "log words", "log lines", "log mean word length", "log longest word", "digits", "capitals",
    "white space", "punctuation", "brackets and operators", "mathematics", "question marks", "lines of code",
    "beyond ASCII", "Chinese, Japanese, Korean", "other scripts than Latin",
  ]

  /// Extraction of features.
  ///
  /// - Parameters:
  ///   - buckets: 0...224.
  ///   - limit: 1 or more bytes.
  /// - Throws: ``QualityError`` if a number is out of its range.
  public init(buckets: Int = 16, limit: Int = 65_536) throws(QualityError) {
    guard (0...224).contains(buckets), limit > 0 else {
      throw QualityError(
        .range,
        "\(buckets) buckets over \(limit) bytes are asked for; give 0 to 224 buckets and 1 or more bytes")
    }
    self.buckets = buckets
    self.limit = limit
  }

  /// How many features a text has.
  public var dimension: Int { Self.names.count + buckets }

  /// Which features share a scale, for ``ItemResponseTraining/featureGroups``: the hashed ones do.
  public var groups: [Int] {
    Array(Self.names.indices) + Array(repeating: Self.names.count, count: buckets)
  }

  /// The features of a text; finite.
  public func callAsFunction(_ text: String) -> [Float] {
    var features = Array(repeating: Float(0), count: dimension)
    features.withUnsafeMutableBufferPointer { write(text, into: $0) }
    return features
  }

  /// Writes the features of a text.
  ///
  /// - Parameter features: room for ``dimension`` numbers.
  public func write(_ text: String, into features: UnsafeMutableBufferPointer<Float>) {
    precondition(features.count == dimension, "there must be room for \(dimension) features")
    let hashed = UnsafeMutableBufferPointer(rebasing: features[Self.names.count...])
    for bucket in hashed.indices { hashed[bucket] = 0 }
    var scan = TextScan()
    var before: UInt64?
    var read = 0
    for scalar in text.unicodeScalars {
      read += UTF8.width(scalar)
      if read > limit { break }
      if let word = scan.step(scalar) { add(word, &before, to: hashed) }
    }
    if let word = scan.finish() { add(word, &before, to: hashed) }
    // The length of the vector says nothing that the word count does not.
    let length = hashed.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if length > 0 { for bucket in hashed.indices { hashed[bucket] /= length } }
    scan.write(bytes: text.utf8.count, into: features)
  }

  private func add(
    _ word: UInt64, _ before: inout UInt64?, to hashed: UnsafeMutableBufferPointer<Float>
  ) {
    guard !hashed.isEmpty else { return }
    var hashes = (word, word)
    if let before { hashes.1 = (before &* 0x9E37_79B9_7F4A_7C15) ^ (word &+ 0x7F4A_7C15) }
    for (hash, present) in [(hashes.0, true), (hashes.1, before != nil)] where present {
      let mixed = (hash ^ (hash >> 29)) &* 0xBF58_476D_1CE4_E5B9
      let bucket = Int((mixed >> 33) % UInt64(hashed.count))
      hashed[bucket] += mixed >> 63 == 0 ? 1 : -1
    }
    before = word
  }
}
