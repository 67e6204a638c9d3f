/// How long the answers of each offer took, from the median to the 99th percentile.
struct LatencyPlot {
  private typealias Row = (name: String, median: Double, p90: Double, p99: Double)

  private let rows: [Row]
  private let scale: AxisScale

  init(_ data: BatchPageData) {
    rows = OfferRows.sorted(data.offers).compactMap { offer in
      guard let latency = offer.latency else { return nil }
      let values = [latency.median, latency.p90, latency.p99]
      guard values.allSatisfy({ AxisScale.isDrawable($0) && $0 >= 0 }) else { return nil }
      return (offer.name, latency.median, latency.p90, latency.p99)
    }
    scale = .logarithmic(rows.prefix(OfferRows.most).flatMap { [$0.median, $0.p90, $0.p99] }, margin: 0.04)
  }

  var figure: Markup {
    let title = "Latency by offer"
    guard !rows.isEmpty else { return PlotFrame.figure(title, "No latency is known.", []) }
    let shown = rows.prefix(OfferRows.most)
    let height = OfferRows.height * Double(shown.count)
    let description =
      "Ranges: latency by offer, median to 99th percentile. "
      + shown.map { "\(PlainText.line($0.name, limit: 40)): \(Self.figures($0))" }.joined(separator: "; ")
    return PlotFrame.figure(
      title, "Median (dot), 90th (bar) and 99th percentile (ring), on a logarithmic axis.",
      [
        PlotFrame.drawing(
          height: Int(height), class: "rows labelled", describing: description,
          [PlotFrame.verticalGrid(scale, to: height + 4, unit: .named("s"))]
            + shown.enumerated().map { draw($1, top: Double($0) * OfferRows.height) }),
        "<p class=\"axis below\">seconds to the whole answer</p>",
      ] + OfferRows.noteOfRest(rows.count - shown.count))
  }

  private func draw(_ row: Row, top: Double) -> Markup {
    let y = top + OfferRows.barLine
    let (median, p90, p99) = (x(row.median), x(row.p90), x(row.p99))
    return """
      <g><title>\(row.name): \(Self.figures(row))</title>\
      <line class="range" x1="\(at: min(median, p90, p99))%" x2="\(at: max(median, p90, p99))%" \
      y1="\(at: y)" y2="\(at: y)"/>\
      <line class="range tail" x1="\(at: p90)%" x2="\(at: p90)%" y1="\(at: y - 6)" y2="\(at: y + 6)"/>\
      <circle class="ring" cx="\(at: p99)%" cy="\(at: y)" r="4.5"/>\
      <circle class="median" cx="\(at: median)%" cy="\(at: y)" r="5"/>\
      \(OfferRows.heading(row.name, Self.short(row), top: top))</g>
      """
  }

  private func x(_ seconds: Double) -> Double { scale.position(seconds) * 100 }

  private static func short(_ row: Row) -> String {
    "\(FigureText.duration(row.median)) – \(FigureText.duration(row.p99))"
  }

  private static func figures(_ row: Row) -> String {
    "median \(FigureText.duration(row.median)), p90 \(FigureText.duration(row.p90)), "
      + "p99 \(FigureText.duration(row.p99))"
  }
}
