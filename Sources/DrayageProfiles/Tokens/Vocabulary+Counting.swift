extension Vocabulary {
  /// The number of tokens of a text, exactly as the vocabulary's own tokenizer counts ordinary text: special
  /// tokens written out in the text are not recognized.
  ///
  /// O(n log n) time for n bytes whatever the text.
  public func count(_ text: String) -> Int {
    var total = 0
    forEachPiece(of: text) { total += $0.bounds.count - 1 }
    return total
  }

  /// The ranks of the tokens of a text, in order.
  public func encode(_ text: String) -> [UInt32] {
    var tokens: [UInt32] = []
    var text = text
    text.withUTF8 { bytes in
      scan(bytes) { merger in
        for (start, end) in zip(merger.bounds, merger.bounds.dropFirst()) {
          tokens.append(ranks.rank(bytes, start, end))
        }
      }
    }
    return tokens
  }

  private func forEachPiece(of text: String, _ body: (borrowing PieceMerger) -> Void) {
    var text = text
    text.withUTF8 { scan($0, body) }
  }

  private func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (borrowing PieceMerger) -> Void) {
    let scanner = PieceScanner(bytes, pattern)
    var merger = PieceMerger(ranks)
    var start = 0
    while start < bytes.count {
      let end = scanner.end(from: start)
      merger.merge(bytes, start, end)
      body(merger)
      start = end
    }
  }
}
