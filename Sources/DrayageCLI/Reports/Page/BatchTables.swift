/// The tables below the plots: the same figures, exactly, and what no plot shows.
struct BatchTables {
  private let data: BatchPageData

  /// A page of thousands of rows helps nobody: the output of the batch has them all.
  private static let mostRows = 200

  init(_ data: BatchPageData) { self.data = data }

  var sections: Markup {
    [
      section("Offers", offers, empty: "No offer gave an answer."),
      section("Bill", bill, empty: ""),
      section(
        "Rows without an answer", counts("reason", "rows", data.failures.map { ($0.code, $0.count) }),
        empty: "Every row that was tried was answered."),
      section(
        "Failed attempts", counts("reason", "attempts", data.failedAttempts.map { ($0.reason, $0.count) }),
        empty: "No attempt failed."),
      section("First rows without an answer", firstFailures, empty: "There is none."),
    ].joined()
  }

  private func section(_ title: String, _ tables: [Markup], empty: String) -> Markup {
    "<section>\n<h2>\(title)</h2>\n\(tables.isEmpty ? PlotFrame.note(empty) : tables.joined())\n</section>"
  }

  private func rest(_ count: Int) -> [Markup] {
    count > Self.mostRows
      ? [PlotFrame.note("And \(FigureText.count(count - Self.mostRows, "more row", "more rows")).")] : []
  }

  private var offers: [Markup] {
    guard !data.offers.isEmpty else { return [] }
    let all = data.offers.reduce(0.0) { $0 + Double($1.answers) }
    let rows = OfferRows.sorted(data.offers).prefix(Self.mostRows).map { offer in
      let latency = [offer.latency?.median, offer.latency?.p90, offer.latency?.p99].map { $0 ?? .nan }
      return [
        "\(offer.name, limit: 100)", "\(FigureText.count(offer.answers))",
        "\(FigureText.share(Double(offer.answers), of: all))",
      ] + latency.map { "\(FigureText.duration($0))" } as [Markup]
    }
    return [
      PageTable([.text("offer")] + ["answers", "share", "median", "p90", "p99"].map { .number($0) }, rows)
        .markup
    ] + rest(data.offers.count)
  }

  private var bill: [Markup] {
    func row(_ name: Markup, _ amount: Double, answers: Int? = nil) -> [Markup] {
      let perAnswer = answers.map { $0 > 0 ? amount / Double($0) : .nan }
      return [
        name, "\(FigureText.dollars(amount))", "\(perAnswer.map(FigureText.dollars) ?? "")",
        "\(FigureText.share(amount, of: data.spent))",
      ]
    }
    // Sums of decimal amounts leave a trace of rounding, which is no item of a bill.
    let other = data.spent - data.offers.reduce(0) { $0 + $1.billed }
    let hasOther = other.isFinite && abs(other) > abs(data.spent) * 1e-9
    var rows = data.offers.sorted { ($1.billed, $0.name) < ($0.billed, $1.name) }.prefix(Self.mostRows)
      .map { row("\($0.name, limit: 100)", $0.billed, answers: $0.answers) }
    if hasOther, !data.offers.isEmpty {
      rows.append(row("everything else, such as attempts that failed", other))
    }
    return [
      PageTable(
        [.text("offer"), .number("billed"), .number("per answer"), .number("share")], rows,
        total: row("spent", data.spent, answers: data.answered)
      ).markup
    ] + rest(data.offers.count) + budget
  }

  private var budget: [Markup] {
    let left = data.budget - data.spent
    guard left.isFinite else { return [] }
    let budget = "the budget of \(FigureText.dollars(data.budget))"
    return [
      PlotFrame.note(
        left < 0
          ? "\(FigureText.dollars(-left)) more than \(budget)."
          : "\(FigureText.dollars(left)) of \(budget) is left.")
    ]
  }

  private func counts(_ reason: String, _ unit: String, _ counts: [(String, Int)]) -> [Markup] {
    guard !counts.isEmpty else { return [] }
    let all = counts.reduce(0.0) { $0 + Double($1.1) }
    let rows = counts.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(Self.mostRows).map {
      ["\($0.0, limit: 100)", "\(FigureText.count($0.1))", "\(FigureText.share(Double($0.1), of: all))"]
        as [Markup]
    }
    return [PageTable([.text(reason), .number(unit), .number("share")], rows).markup] + rest(counts.count)
  }

  private var firstFailures: [Markup] {
    guard !data.firstFailures.isEmpty else { return [] }
    let rows = data.firstFailures.prefix(100).map {
      [
        "\(FigureText.count($0.line))", "\($0.id ?? FigureText.unknown, limit: 80)", "\($0.code, limit: 80)",
        "\($0.message, limit: 400)",
      ] as [Markup]
    }
    return [PageTable([.number("line"), .text("id"), .text("reason"), .long("message")], rows).markup]
  }
}
