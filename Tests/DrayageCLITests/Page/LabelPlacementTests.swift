import Testing

@testable import DrayageCLI

@Suite struct LabelPlacementTests {
  private struct Rectangle {
    let left, right, top, bottom: Double

    func overlaps(_ other: Rectangle) -> Bool {
      left < other.right - 1e-9 && other.left < right - 1e-9 && top < other.bottom - 1e-9
        && other.top < bottom - 1e-9
    }
  }

  @Test(arguments: UInt64(0)..<300)
  func `labels are free of each other at the least width and at every greater one`(seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    // Close points are the hard ones: their labels could change places as the drawing grows.
    let middle = seed.isMultiple(of: 2) ? 0.45...0.55 : 0...1
    let points = (0..<6).map { _ in
      (x: Double.random(in: middle, using: &random), y: Double.random(in: 100...140, using: &random))
    }
    var placement = LabelPlacement(width: 300, height: 290, around: points)
    let labels = points.map { point in
      let width = Double.random(in: 20...140, using: &random)
      return (
        point, width, placement.place(width, at: point, .near) ?? placement.place(width, at: point, .far)
      )
    }
    #expect(labels.contains { $0.2 != nil }, "seed \(seed)")
    for width in [300.0, 420, 1000] {
      let rectangles = labels.compactMap { point, length, offset -> Rectangle? in
        guard let offset else { return nil }
        let near = point.x * width + offset.dx
        let middle = point.y + offset.dy
        let half = LabelPlacement.lineHeight / 2
        return Rectangle(
          left: offset.isLeft ? near - length : near, right: offset.isLeft ? near : near + length,
          top: middle - half, bottom: middle + half)
      }
      for (index, one) in rectangles.enumerated() {
        #expect(one.left >= 0 && one.right <= width + 1e-9, "seed \(seed), width \(width)")
        for other in rectangles[(index + 1)...] {
          #expect(!one.overlaps(other), "seed \(seed), width \(width)")
        }
      }
    }
  }

  @Test func `points in one place get labels in different rows`() {
    let points = Array(repeating: (x: 0.5, y: 100.0), count: 4)
    var placement = LabelPlacement(width: 300, height: 200, around: points)
    let offsets = points.compactMap { placement.place(60, at: $0, .near) }
    #expect(offsets.count == 4)
    #expect(Set(offsets.map { "\($0.dy) \($0.isLeft)" }).count == 4)
  }
}
