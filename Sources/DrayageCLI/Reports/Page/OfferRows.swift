/// The offers that the plots of offers show, one row each: the greatest by answers. The tables show more.
enum OfferRows {
  static let most = 16
  static let height = 40.0
  /// From the top of a row to the line of its name, and to the middle of its bar.
  static let textLine = 14.0
  static let barLine = 25.0

  static func sorted(_ offers: [BatchPageData.Offer]) -> [BatchPageData.Offer] {
    offers.sorted { ($1.answers, $0.name) < ($0.answers, $1.name) }
  }

  /// The name at the left and the figures at the right of a row. The name is shorter on a narrow screen.
  static func heading(_ name: String, _ figures: String, top: Double) -> Markup {
    let short = fitted(name, 24)
    let long = fitted(name, 44)
    let y = top + textLine
    let names: Markup =
      short == long
      ? "<text class=\"name\" x=\"0\" y=\"\(at: y)\">\(long)</text>"
      : """
      <text class="name narrow" x="0" y="\(at: y)">\(short)</text>\
      <text class="name wide" x="0" y="\(at: y)">\(long)</text>
      """
    return "\(names)<text class=\"figures end\" x=\"100%\" y=\"\(at: y)\">\(figures)</text>"
  }

  /// Cut to so many ordinary letters, or to the room that they take.
  private static func fitted(_ name: String, _ letters: Int) -> String {
    let text = PlainText.shortened(name, limit: letters)
    return LabelPlacement.width(of: text) > Double(letters) * 8
      ? PlainText.shortened(name, limit: letters / 2) : text
  }

  static func noteOfRest(_ rest: Int) -> [Markup] {
    rest > 0
      ? [PlotFrame.note("\(FigureText.count(rest, "more offer is", "more offers are")) in the table below.")]
      : []
  }
}
