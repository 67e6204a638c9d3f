/// How many answers each offer gave, as bars, and what it billed.
struct AnswersPlot {
  private let offers: [BatchPageData.Offer]

  init(_ data: BatchPageData) { offers = OfferRows.sorted(data.offers) }

  var figure: Markup {
    let title = "Answers by offer"
    guard !offers.isEmpty else { return PlotFrame.figure(title, "No offer gave an answer.", []) }
    let shown = offers.prefix(OfferRows.most)
    let greatest = max(1, shown.map(\.answers).max() ?? 1)
    let rows: [Markup] = shown.enumerated().map { index, offer in
      let top = Double(index) * OfferRows.height
      let share = Double(max(0, offer.answers)) / Double(greatest)
      let figures = "\(FigureText.count(offer.answers)) · \(FigureText.dollars(offer.billed))"
      return """
        <g><title>\(offer.name): \(FigureText.count(offer.answers, "answer", "answers")), \
        \(FigureText.dollars(offer.billed)) billed</title>\
        <rect class="track" x="0" y="\(at: top + OfferRows.barLine - 5)" width="100%" height="10" rx="2"/>\
        <rect class="bar" x="0" y="\(at: top + OfferRows.barLine - 5)" width="\(at: share * 100)%" \
        height="10" rx="2"/>\
        \(OfferRows.heading(offer.name, figures, top: top))</g>
        """
    }
    let description =
      "Bars: answers by offer. "
      + shown.map { "\(PlainText.line($0.name, limit: 40)): \(FigureText.count($0.answers))" }.joined(
        separator: "; ")
    return PlotFrame.figure(
      title, "Answers and dollars billed, by the offer that gave the answer.",
      [
        PlotFrame.drawing(
          height: Int(OfferRows.height) * shown.count, class: "rows", describing: description, rows)
      ] + OfferRows.noteOfRest(offers.count - shown.count))
  }
}
