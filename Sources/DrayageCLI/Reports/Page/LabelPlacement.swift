/// Places labels beside points so that none covers another or a point, on a drawing that may grow wider.
///
/// Points move apart as the drawing grows while labels keep their size. So a label may stand to the left of
/// what is left of its own point only: two labels that are free of each other at the least width then stay
/// so.
struct LabelPlacement {
  /// Where a label goes from its point, in pixels: to the middle of its near end.
  struct Offset: Equatable {
    let dx: Double
    let dy: Double
    /// Whether the text runs to the left of the offset.
    let isLeft: Bool
  }

  /// A rectangle in pixels, fixed to a point that moves as the drawing grows.
  private struct Box {
    let anchor: Double
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double

    func isClear(of other: Box) -> Bool {
      if bottom <= other.top || other.bottom <= top { return true }
      // Growth moves the box with the greater anchor to the right of the other, never the other way.
      if anchor == other.anchor { return right <= other.left || other.right <= left }
      return anchor < other.anchor ? right <= other.left : other.right <= left
    }
  }

  private let width: Double
  private let height: Double
  private var taken: [Box] = []
  /// What labels keep clear of where they can.
  private var avoided: [Box] = []

  static let lineHeight = 15.0
  private static let markRadius = 8.0

  /// - Parameter width: the least width at which the labels must be free of each other.
  init(width: Double, height: Double, around points: [(x: Double, y: Double)]) {
    self.width = width
    self.height = height
    taken = points.map { point in
      Box(
        anchor: point.x * width, left: point.x * width - Self.markRadius,
        right: point.x * width + Self.markRadius,
        top: point.y - Self.markRadius, bottom: point.y + Self.markRadius)
    }
  }

  /// About as wide as the text is in the style sheet's font of 12 pixels; wide scripts count double.
  static func width(of text: String) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x1100 ? 13 : 6.8) }
  }

  /// How far from its point a label may go, and whether it keeps clear of what is only to be avoided.
  enum Reach { case near, far }

  /// The nearest free place for a label of this width, which is then taken; nil where there is none.
  ///
  /// - Parameter point: the share of the width, and pixels from the top.
  mutating func place(_ labelWidth: Double, at point: (x: Double, y: Double), _ reach: Reach) -> Offset? {
    let rows = reach == .near ? Self.rows.prefix(7) : Self.rows[...]
    let others = reach == .near ? avoided : []
    let anchor = point.x * width
    for dy in rows {
      for dx in [12.0, 24] {
        for isLeft in [false, true] {
          let near = anchor + (isLeft ? -dx : dx)
          let box = Box(
            anchor: anchor, left: isLeft ? near - labelWidth : near, right: isLeft ? near : near + labelWidth,
            top: point.y + dy - Self.lineHeight / 2, bottom: point.y + dy + Self.lineHeight / 2)
          guard box.left >= 0, box.right <= width, box.top >= -8, box.bottom <= height else { continue }
          guard taken.allSatisfy(box.isClear), others.allSatisfy(box.isClear) else { continue }
          taken.append(box)
          return Offset(dx: isLeft ? -dx : dx, dy: dy, isLeft: isLeft)
        }
      }
    }
    return nil
  }

  /// Keeps labels off these points, but for labels that fit nowhere else.
  mutating func avoid(_ points: [(x: Double, y: Double)]) {
    avoided += points.map { point in
      let x = point.x * width
      return Box(anchor: x, left: x - 2, right: x + 2, top: point.y - 2, bottom: point.y + 2)
    }
  }

  /// Keeps labels off something of the given width that begins or ends at a point.
  mutating func reserve(_ width: Double, at point: (x: Double, y: Double), isLeft: Bool) {
    let anchor = point.x * self.width
    taken.append(
      Box(
        anchor: anchor, left: isLeft ? anchor - width : anchor, right: isLeft ? anchor : anchor + width,
        top: point.y - Self.lineHeight / 2, bottom: point.y + Self.lineHeight / 2))
  }

  private static let rows: [Double] = [0] + stride(from: 14, through: 126, by: 14).flatMap { [-$0, $0] }
}
