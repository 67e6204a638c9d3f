/// Money spent and requests answered against time, one above the other on one time axis.
struct TimelinePlot {
  private let moments: [BatchPageData.Moment]
  private let requests: Int
  private let budget: Double
  private let time: AxisScale
  private let unit: (seconds: Double, name: String)

  private static let moneyHeight = 280.0
  private static let answeredHeight = 120.0
  /// A budget that is so many times what was spent would press the line of the money flat.
  private static let farBudget = 20.0

  init(_ data: BatchPageData) {
    let drawable = data.timeline.filter { AxisScale.isDrawable($0.seconds) && AxisScale.isDrawable($0.spent) }
      .sorted { $0.seconds < $1.seconds }
    let every = max(1, drawable.count / 600)
    moments = drawable.indices.filter { $0.isMultiple(of: every) || $0 == drawable.count - 1 }.map {
      drawable[$0]
    }
    requests = data.requests
    budget = data.budget
    let end = moments.last?.seconds ?? 0
    let unit: (seconds: Double, name: String) =
      switch end {
      case ..<120: (1, "s")
      case ..<7200: (60, "min")
      case ..<172_800: (3600, "h")
      default: (86_400, "d")
      }
    self.unit = unit
    time = .linear([min(0, moments.first?.seconds ?? 0), end > 0 ? end : 1].map { $0 / unit.seconds })
  }

  var figure: Markup {
    let title = "Money and answers over time"
    guard let last = moments.last else {
      return PlotFrame.figure(title, "Nothing was recorded while this batch ran.", [])
    }
    let explanation =
      "\(FigureText.dollars(last.spent)) spent and \(FigureText.count(last.answered, "request", "requests")) "
      + "answered after \(FigureText.duration(last.seconds)), earlier runs included."
    return PlotFrame.figure(
      title, explanation,
      [
        "<p class=\"axis\">dollars spent</p>", money(last),
        "<p class=\"axis\">requests answered</p>", answered(last),
        "<p class=\"axis below\">time since the start</p>",
      ])
  }

  private func money(_ last: BatchPageData.Moment) -> Markup {
    let greatest = moments.map(\.spent).max() ?? 0
    let isNear = budget > 0 && budget <= max(greatest, 1e-90) * Self.farBudget && AxisScale.isDrawable(budget)
    let values = [0, greatest * 1.15] + moments.map(\.spent) + (isNear ? [budget * 1.15] : [])
    let scale = AxisScale.linear(values)
    let limit = isNear ? Self.moneyHeight * (1 - scale.position(budget)) : nil
    var parts = [
      PlotFrame.horizontalGrid(scale, ticks: 5, height: Self.moneyHeight, unit: .dollars),
      PlotFrame.verticalGrid(time, to: Self.moneyHeight, unit: nil),
      line(scale, class: "money", \.spent),
    ]
    let text = "budget \(FigureText.dollars(budget))"
    if let limit {
      parts.append(reference(at: limit, text))
    } else if budget.isFinite, budget > 0 {
      parts.append("<text class=\"label\" x=\"6\" y=\"12\">\(text), far above this plot</text>")
    }
    parts.append(
      end(
        last, scale, Self.moneyHeight, \.spent, FigureText.dollars(last.spent), below: limit, class: "money"))
    parts.append(hovers(scale, Self.moneyHeight, \.spent))
    return PlotFrame.drawing(
      height: Int(Self.moneyHeight),
      describing: "Line: dollars spent against time, up to \(FigureText.dollars(last.spent)) "
        + "after \(FigureText.duration(last.seconds)); \(text).", parts)
  }

  private func answered(_ last: BatchPageData.Moment) -> Markup {
    let scale = AxisScale.linear([0, 2, Double(requests) * 1.3] + moments.map { Double($0.answered) })
    let limit = requests > 0 ? Self.answeredHeight * (1 - scale.position(Double(requests))) : nil
    var parts = [
      PlotFrame.horizontalGrid(scale, ticks: 3, height: Self.answeredHeight, unit: .plain),
      PlotFrame.verticalGrid(time, to: Self.answeredHeight, unit: .named(unit.name)),
      line(scale, class: "answered") { Double($0.answered) },
    ]
    if let limit { parts.append(reference(at: limit, FigureText.count(requests, "request", "requests"))) }
    parts.append(
      end(
        last, scale, Self.answeredHeight, { Double($0.answered) }, FigureText.count(last.answered),
        below: limit,
        class: "answered"))
    parts.append(hovers(scale, Self.answeredHeight) { Double($0.answered) })
    return PlotFrame.drawing(
      height: Int(Self.answeredHeight), class: "plot labelled",
      describing: "Line: requests answered against time, up to \(FigureText.count(last.answered)) "
        + "of \(FigureText.count(requests)).", parts)
  }

  private func x(_ moment: BatchPageData.Moment) -> Double { time.position(moment.seconds / unit.seconds) }

  /// Whether the lines end so far left that their last label needs the place at the left.
  private var isShort: Bool { (moments.last.map(x) ?? 0) < 0.3 }

  private func line(_ scale: AxisScale, class name: String, _ value: (BatchPageData.Moment) -> Double)
    -> Markup
  {
    PlotFrame.line(
      moments.map { (x($0), 1 - scale.position(value($0))) }, class: name, filledTo: 1 - scale.position(0))
  }

  private func reference(at y: Double, _ text: String) -> Markup {
    """
    <line class="limit" x1="0" x2="100%" y1="\(at: y)" y2="\(at: y)"/>\
    <text class="label \(isShort ? "end" : "start")" x="\(isShort ? 100 : 1)%" y="\(at: y - 6)">\(text)</text>
    """
  }

  /// The last point, with its value above it, and above the limit where that is close.
  private func end(
    _ last: BatchPageData.Moment, _ scale: AxisScale, _ height: Double,
    _ value: (BatchPageData.Moment) -> Double,
    _ text: String, below limit: Double?, class name: String
  ) -> Markup {
    let y = height * (1 - scale.position(value(last)))
    let isClose = limit.map { y >= $0 && y - $0 < 26 } ?? false
    let baseline = isClose ? (limit ?? y) - 6 - y : -9
    return PlotFrame.anchored(
      x(last), y,
      """
      <circle class="\(name) dot" r="4"/>\
      <text class="label strong \(isShort ? "start" : "end")" y="\(at: baseline)">\(text)</text>
      """)
  }

  /// Invisible places that show a moment's figures under the pointer.
  private func hovers(_ scale: AxisScale, _ height: Double, _ value: (BatchPageData.Moment) -> Double)
    -> Markup
  {
    let every = max(1, moments.count / 60)
    return moments.indices.filter { $0.isMultiple(of: every) || $0 == moments.count - 1 }.map { index in
      let moment = moments[index]
      return """
        <circle class="hover" cx="\(at: x(moment) * 100)%" \
        cy="\(at: height * (1 - scale.position(value(moment))))" \
        r="7"><title>\(FigureText.duration(moment.seconds)): \(FigureText.dollars(moment.spent)), \
        \(FigureText.count(moment.answered)) answered</title></circle>
        """
    }.joined()
  }
}
