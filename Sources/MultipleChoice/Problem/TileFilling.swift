import Dispatch
import Synchronization

/// Fills dense columns tile by tile, on all cores. The one place where they are written.
struct TileFilling<Element: BinaryFloatingPoint & Sendable> {
  let columns: [[Element]]
  /// Per column, the span of the values at each option.
  let spans: [[PackedColumns.Span]]

  private static var tilesPerChunk: Int { 512 }

  static func fill(_ input: ChoiceProblem.Input, _ layout: Layout) throws(ChoiceProblemError) -> TileFilling {
    let attributes = input.attributes.indices.filter {
      if case .linear = input.attributes[$0].source { false } else { true }
    }
    var columns: [[Element]] = []
    var spans: [[PackedColumns.Span]] = []
    let hasExcluded = Atomic(input.eligible != nil)
    for a in attributes {
      let filled = try fill(input, layout, a, hasExcluded)
      columns.append(filled.column)
      spans.append(filled.spans)
    }
    if hasExcluded.load(ordering: .relaxed), !columns.isEmpty {
      try settle(&columns, layout, input.optionCount)
    }
    return TileFilling(columns: columns, spans: spans)
  }

  private static func fill(
    _ input: ChoiceProblem.Input, _ layout: Layout, _ a: Int, _ hasExcluded: borrowing Atomic<Bool>
  ) throws(ChoiceProblemError) -> (column: [Element], spans: [PackedColumns.Span]) {
    let (m, tiles) = (input.optionCount, layout.tileCount)
    let chunks = (tiles + tilesPerChunk - 1) / tilesPerChunk
    let results = Mutex((spans: Array(repeating: PackedColumns.Span(), count: m), bad: Int?.none, excluded: false))
    let column = Array<Element>(unsafeUninitializedCapacity: tiles * m * Layout.tile) { buffer, count in
      nonisolated(unsafe) let buffer = buffer
      DispatchQueue.concurrentPerform(iterations: chunks) { chunk in
        var spans = Array(repeating: PackedColumns.Span(), count: m)
        var bad: Int?
        var excluded = false
        var at = chunk * tilesPerChunk * m * Layout.tile
        for tile in chunk * tilesPerChunk..<min(tiles, (chunk + 1) * tilesPerChunk) {
          for j in 0..<m {
            for lane in 0..<Layout.tile {
              let i = Int(layout.groupAt[tile * Layout.tile + lane])
              var element = Element.nan
              if let value = input.denseValue(a, i, j) {
                element = Element(value)
                if element.isFinite { spans[j].include(Double(element)) } else { bad = min(bad ?? .max, j * input.groupCount + i) }
              } else {
                excluded = true
              }
              (buffer.baseAddress! + at).initialize(to: element)
              at += 1
            }
          }
        }
        results.withLock {
          for j in 0..<m {
            $0.spans[j].least = min($0.spans[j].least, spans[j].least)
            $0.spans[j].most = max($0.spans[j].most, spans[j].most)
          }
          if let bad { $0.bad = min($0.bad ?? .max, bad) }
          $0.excluded = $0.excluded || excluded
        }
      }
      count = tiles * m * Layout.tile
    }
    let result = results.withLock { $0 }
    if result.excluded { hasExcluded.store(true, ordering: .relaxed) }
    if let bad = result.bad {
      let (i, j) = (bad % input.groupCount, bad / input.groupCount)
      throw ChoiceProblemError(
        .notFinite,
        "attribute '\(input.attributes[a].name)' is \(input.denseValue(a, i, j) ?? .nan) at group \(i), option \(j)")
    }
    return (column, result.spans)
  }

  /// A pair that one column excludes is excluded by all; and every group must keep one.
  private static func settle(
    _ columns: inout [[Element]], _ layout: Layout, _ m: Int
  ) throws(ChoiceProblemError) {
    for tile in 0..<layout.tileCount {
      for lane in 0..<Layout.tile {
        var isOpen = false
        for j in 0..<m {
          let cell = (tile * m + j) * Layout.tile + lane
          if columns.allSatisfy({ !$0[cell].isNaN }) {
            isOpen = true
          } else {
            for d in columns.indices { columns[d][cell] = .nan }
          }
        }
        if !isOpen {
          throw ChoiceProblemError(
            .noOption, "group \(layout.groupAt[tile * Layout.tile + lane]) has no eligible option")
        }
      }
    }
  }
}
