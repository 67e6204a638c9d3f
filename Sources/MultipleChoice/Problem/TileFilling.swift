/// Fills dense columns tile by tile, on all cores. The one place where they are written.
struct TileFilling<Element: BinaryFloatingPoint & Sendable> {
  /// The columns, end to end.
  let columns: [Element]
  /// Per column, the span of the values at each option.
  let spans: [[PackedColumns.Span]]

  private static var tilesPerChunk: Int { 512 }

  private struct Found {
    var spans: [PackedColumns.Span]
    /// The first number that is not finite, as a place in an option-major array.
    var bad: Int?
    var hasExcluded = false
  }

  static func fill(_ input: ChoiceProblem.Input, _ layout: Layout) throws(ChoiceProblemError) -> TileFilling {
    let attributes = input.attributes.indices.filter {
      if case .linear = input.attributes[$0].source { false } else { true }
    }
    let length = layout.tileCount * input.optionCount * Layout.tile
    var found: [Found] = []
    var columns = Array<Element>(unsafeUninitializedCapacity: attributes.count * length) { buffer, count in
      for (d, a) in attributes.enumerated() {
        found.append(
          fill(UnsafeMutableBufferPointer(rebasing: buffer[d * length..<(d + 1) * length]), input, layout, a))
      }
      count = attributes.count * length
    }
    for (a, found) in zip(attributes, found) {
      guard let bad = found.bad else { continue }
      let (i, j) = (bad % input.groupCount, bad / input.groupCount)
      let value = input.denseValue(a, i, j) ?? .nan
      throw ChoiceProblemError(
        .notFinite, "attribute '\(input.attributes[a].name)' is \(value) at group \(i), option \(j)")
    }
    if found.contains(where: \.hasExcluded) {
      try settle(&columns, attributes.count, layout, input.optionCount)
    }
    return TileFilling(columns: columns, spans: found.map(\.spans))
  }

  private static func fill(
    _ column: UnsafeMutableBufferPointer<Element>, _ input: ChoiceProblem.Input, _ layout: Layout, _ a: Int
  ) -> Found {
    let (m, tiles) = (input.optionCount, layout.tileCount)
    let chunks = (tiles + tilesPerChunk - 1) / tilesPerChunk
    let nothing = Found(spans: Array(repeating: PackedColumns.Span(), count: m))
    return concurrently(chunks) { chunk in
      var found = nothing
      var at = chunk * tilesPerChunk * m * Layout.tile
      for tile in chunk * tilesPerChunk..<min(tiles, (chunk + 1) * tilesPerChunk) {
        for j in 0..<m {
          for lane in 0..<Layout.tile {
            let i = Int(layout.groupAt[tile * Layout.tile + lane])
            var element = Element.nan
            if let value = input.denseValue(a, i, j) {
              element = Element(value)
              if element.isFinite {
                found.spans[j].include(Double(element))
              } else {
                found.bad = min(found.bad ?? .max, j * input.groupCount + i)
              }
            } else {
              found.hasExcluded = true
            }
            column.initializeElement(at: at, to: element)
            at += 1
          }
        }
      }
      return found
    }.reduce(into: nothing) { all, found in
      for j in 0..<m {
        all.spans[j].least = min(all.spans[j].least, found.spans[j].least)
        all.spans[j].most = max(all.spans[j].most, found.spans[j].most)
      }
      if let bad = found.bad { all.bad = min(all.bad ?? .max, bad) }
      all.hasExcluded = all.hasExcluded || found.hasExcluded
    }
  }

  /// A pair that one column excludes is excluded by all; and every group must keep one.
  private static func settle(
    _ columns: inout [Element], _ columnCount: Int, _ layout: Layout, _ m: Int
  ) throws(ChoiceProblemError) {
    let length = layout.tileCount * m * Layout.tile
    for tile in 0..<layout.tileCount {
      for lane in 0..<Layout.tile {
        var isOpen = false
        for j in 0..<m {
          let cell = (tile * m + j) * Layout.tile + lane
          var isExcluded = false
          for d in 0..<columnCount where columns[d * length + cell].isNaN { isExcluded = true }
          if isExcluded {
            for d in 0..<columnCount { columns[d * length + cell] = .nan }
          } else {
            isOpen = true
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
