/// An SVG that is as wide as its place: positions across are percentages, everything else is pixels, so that
/// text keeps its size on a telephone and on a wide screen. Its margins hang over its edges; the style sheet
/// keeps room for them.
enum PlotFrame {
  /// The drawing, described for readers who do not see it.
  static func drawing(height: Int, class name: String = "plot", describing label: String, _ parts: [Markup])
    -> Markup
  {
    """
    <svg class="\(name)" width="100%" height="\(height)" role="img" aria-label="\(label, limit: 600)">
    \(parts.joined())
    </svg>
    """
  }

  /// Contents in pixels around a point that is placed by its share of the width.
  static func anchored(_ x: Double, _ y: Double, _ contents: Markup) -> Markup {
    "<svg class=\"anchor\" x=\"\(at: x * 100)%\" y=\"\(at: y)\" width=\"1\" height=\"1\">\(contents)</svg>"
  }

  /// A line through points given by their shares of the width and of the height, from the top.
  static func line(_ points: [(x: Double, y: Double)], class name: String, filledTo base: Double? = nil)
    -> Markup
  {
    guard let first = points.first, let last = points.last, points.count > 1 else { return "" }
    let path = points.map { "\(at: $0.x * 1000),\(at: $0.y * 1000)" as Markup }.joined(" ")
    let area: Markup =
      base.map {
        """
        <polygon class="\(name) area" points="\(at: first.x * 1000),\(at: $0 * 1000) \(path) \
        \(at: last.x * 1000),\(at: $0 * 1000)"/>
        """
      } ?? ""
    return """
      <svg class="stretched" viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">\
      \(area)<polyline class="\(name)" points="\(path)"/></svg>
      """
  }

  /// Lines across at the ticks of the vertical axis, with their labels to the left.
  static func horizontalGrid(_ scale: AxisScale, ticks: Int, height: Double, unit: AxisUnit) -> Markup {
    scale.ticks(most: ticks).map { tick in
      let y = height * (1 - scale.position(tick.value))
      return """
        <line class="grid" x1="0" x2="100%" y1="\(at: y)" y2="\(at: y)"/>\
        <text class="tick end" x="0" y="\(at: y)" dx="-8" dy="4">\(tick.label(unit))</text>
        """
    }.joined()
  }

  /// Lines down at the ticks of the horizontal axis, with their labels below if there is a unit for them.
  static func verticalGrid(
    _ scale: AxisScale, ticks: Int = 5, from top: Double = 0, to bottom: Double, unit: AxisUnit?
  )
    -> Markup
  {
    let lines: [Markup] = scale.ticks(most: ticks).map { tick in
      let x = scale.position(tick.value) * 100
      let line: Markup =
        "<line class=\"grid\" x1=\"\(at: x)%\" x2=\"\(at: x)%\" y1=\"\(at: top)\" y2=\"\(at: bottom)\"/>"
      guard let unit else { return line }
      return
        """
        \(line)<text class="tick middle" x="\(at: x)%" y="\(at: bottom + 18)">\(tick.label(unit))</text>
        """
    }
    return lines.joined()
  }

  /// A figure with its title, what it shows in words, and its contents.
  static func figure(_ title: String, _ explanation: String, _ contents: [Markup]) -> Markup {
    """
    <figure>
    <figcaption><h2>\(title)</h2><p>\(explanation, limit: 600)</p></figcaption>
    \(contents.joined())
    </figure>
    """
  }

  static func note(_ text: String) -> Markup { "<p class=\"note\">\(text, limit: 600)</p>" }
}
