/// The marks of the plot of quality against cost: they differ in shape as well as in colour.
enum PointMark {
  static func shape(_ kind: FrontierPlot.Kind) -> Markup {
    switch kind {
    case .reached: "<path class=\"mark reached\" d=\"M0,-8L8,0L0,8L-8,0Z\"/>"
    case .plan: "<circle class=\"mark plan\" r=\"5.5\"/>"
    case .alternative: "<rect class=\"mark alternative\" x=\"-5\" y=\"-5\" width=\"10\" height=\"10\"/>"
    }
  }
}
