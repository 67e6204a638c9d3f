/// What quality money buys: the frontier of the estimates, this run, its plan, and single offers.
struct FrontierPlot {
  enum Kind { case reached, plan, alternative }

  private let frontier: [BatchPageData.Point]
  private let marked: [(kind: Kind, point: BatchPageData.Point)]
  private let budget: Double
  private let cost: AxisScale
  private let quality: AxisScale

  private static let height = 290.0
  /// The least widths, in pixels, of the drawing on narrow and on other screens; see the style sheet.
  private static let widths = (narrow: 232.0, wide: 420.0)

  init(_ data: BatchPageData) {
    func drawable(_ point: BatchPageData.Point) -> Bool {
      AxisScale.isDrawable(point.cost) && AxisScale.isDrawable(point.quality)
    }
    let curve = data.frontier.filter(drawable).sorted { ($0.cost, $0.quality) < ($1.cost, $1.quality) }
    let every = max(1, curve.count / 400)
    frontier = curve.indices.filter { $0.isMultiple(of: every) || $0 == curve.count - 1 }.map { curve[$0] }
    marked =
      ((data.reached.map { [(Kind.reached, $0)] } ?? []) + [(.plan, data.plan)]
      + data.alternatives.prefix(8).map { (.alternative, $0) })
      .filter { drawable($0.1) }
    budget = data.budget
    let points = frontier + marked.map(\.point)
    cost = .suitable(points.map(\.cost), margin: 0.06)
    let qualities = points.map(\.quality)
    let scale = AxisScale.linear(qualities, margin: 0.1)
    quality = qualities.allSatisfy((0...1).contains) ? scale.clamped(to: 0...1) : scale
  }

  var figure: Markup {
    let title = "Quality against cost"
    guard !(frontier.isEmpty && marked.isEmpty) else {
      return PlotFrame.figure(title, "Neither cost nor quality is known.", [])
    }
    let axis =
      cost.kind == .logarithmic ? "dollars for the whole batch, logarithmic" : "dollars for the whole batch"
    return PlotFrame.figure(
      title,
      frontier.count < 2
        ? "This batch beside other ways to work it off."
        : "The curve is the best quality that each budget buys, by the estimates; better is up and left.",
      ["<p class=\"axis\">mean quality</p>", drawing, "<p class=\"axis below\">\(axis)</p>", legend])
  }

  private var drawing: Markup {
    let places = marked.map { place($0.point) }
    return PlotFrame.drawing(
      height: Int(Self.height), class: "plot labelled", describing: description,
      [
        PlotFrame.horizontalGrid(quality, ticks: 6, height: Self.height, unit: .plain),
        PlotFrame.verticalGrid(cost, to: Self.height, unit: .dollars),
        budgetLine,
        PlotFrame.line(frontier.map { (place($0).x, place($0).y / Self.height) }, class: "frontier"),
        frontier.map { point in
          """
          <circle class="frontier dot" cx="\(at: place(point).x * 100)%" cy="\(at: place(point).y)" r="2.5">\
          <title>\(Self.words(point))</title></circle>
          """
        }.joined(),
        labels(places, width: Self.widths.narrow, longest: 20, class: "narrow"),
        labels(places, width: Self.widths.wide, longest: 34, class: "wide"),
        zip(marked, places).reversed().map { mark, place in
          PlotFrame.anchored(
            place.x, place.y, "<g>\(PointMark.shape(mark.kind))<title>\(Self.words(mark.point))</title></g>")
        }.joined(),
      ])
  }

  private var hasBudgetLine: Bool { budget > 0 && cost.contains(budget) }

  private var budgetLine: Markup {
    guard hasBudgetLine else { return "" }
    let x = cost.position(budget)
    return """
      <line class="limit" x1="\(at: x * 100)%" x2="\(at: x * 100)%" y1="0" y2="\(at: Self.height)"/>\
      <text class="label \(x > 0.5 ? "end" : "start")" x="\(at: x * 100)%" y="\(at: Self.height - 6)" \
      dx="\(x > 0.5 ? -6 : 6)">budget</text>
      """
  }

  /// The labels of the marked points, free of each other from the given width on.
  private func labels(_ places: [(x: Double, y: Double)], width: Double, longest: Int, class name: String)
    -> Markup
  {
    var placement = LabelPlacement(width: width, height: Self.height, around: places)
    if hasBudgetLine {
      placement.reserve(
        LabelPlacement.width(of: "budget") + 8, at: (cost.position(budget), Self.height - 10),
        isLeft: cost.position(budget) > 0.5)
    }
    placement.avoid(curve(width))
    let parts: [Markup] = zip(marked, places).map { mark, place in
      // A label that is cut short and close says more than a whole one that is far away.
      let texts = [longest, longest * 3 / 4, longest / 2].map { PlainText.line(mark.point.name, limit: $0) }
      for reach in [LabelPlacement.Reach.near, .far] {
        for text in texts {
          guard let offset = placement.place(LabelPlacement.width(of: text), at: place, reach) else {
            continue
          }
          return label(text, offset, at: place)
        }
      }
      return ""
    }
    return "<g class=\"\(name)\">\(parts.joined())</g>"
  }

  private func label(_ text: String, _ offset: LabelPlacement.Offset, at place: (x: Double, y: Double))
    -> Markup
  {
    let leader: Markup =
      offset.dy == 0 ? "" : "<line class=\"leader\" x2=\"\(at: offset.dx * 0.8)\" y2=\"\(at: offset.dy)\"/>"
    return PlotFrame.anchored(
      place.x, place.y,
      """
      \(leader)<text class="label \(offset.isLeft ? "end" : "start")" x="\(at: offset.dx)" \
      y="\(at: offset.dy + 4)">\(text)</text>
      """)
  }

  /// Points along the frontier, about as far apart as a line of text is high.
  private func curve(_ width: Double) -> [(x: Double, y: Double)] {
    let points = frontier.map(place)
    return zip(points, points.dropFirst()).flatMap { from, to in
      let steps = max(1, Int(max((to.x - from.x) * width, abs(to.y - from.y)) / 12))
      return (1...steps).map { step in
        let share = Double(step) / Double(steps)
        return (from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share)
      }
    }
  }

  private var legend: Markup {
    let rows = marked.map { mark in
      [
        """
        <svg class="key" width="18" height="18" aria-hidden="true"><svg class="anchor" x="9" y="9">\
        \(PointMark.shape(mark.kind))</svg></svg> \(mark.point.name, limit: 100)
        """,
        "\(FigureText.dollars(mark.point.cost))", "\(FigureText.quality(mark.point.quality))",
      ] as [Markup]
    }
    return PageTable([.text("way"), .number("cost"), .number("mean quality")], rows).markup
  }

  private var description: String {
    "Scatter: mean quality against cost. "
      + marked.map { "\(PlainText.line($0.point.name, limit: 40)): \(Self.figures($0.point))" }.joined(
        separator: "; ")
  }

  private func place(_ point: BatchPageData.Point) -> (x: Double, y: Double) {
    (cost.position(point.cost), Self.height * (1 - quality.position(point.quality)))
  }

  private static func words(_ point: BatchPageData.Point) -> Markup {
    "\(point.name, limit: 120): \(figures(point))"
  }

  private static func figures(_ point: BatchPageData.Point) -> String {
    "\(FigureText.dollars(point.cost)), quality \(FigureText.quality(point.quality))"
  }
}
