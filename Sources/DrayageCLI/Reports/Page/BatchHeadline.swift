/// The outcome in sentences: what was answered, for how much, and against what.
struct BatchHeadline {
  private let data: BatchPageData

  init(_ data: BatchPageData) { self.data = data }

  var outcome: String {
    let limit =
      data.budget.isFinite ? " of a budget of \(FigureText.dollars(data.budget))" : ", without a limit"
    return
      "\(FigureText.count(data.answered)) of \(FigureText.count(data.requests, "request", "requests")) "
      + "answered, \(FigureText.dollars(data.spent)) spent\(limit)."
  }

  /// What was saved against the best offer for every request. A batch with rows unanswered cost less for that
  /// reason alone, so it is compared by the answer.
  var savings: String? {
    guard let index = data.bestOfferOnly, data.alternatives.indices.contains(index),
      let reached = data.reached
    else { return nil }
    let best = data.alternatives[index]
    let numbers = [best.cost, best.quality, reached.quality, data.spent]
    guard numbers.allSatisfy(\.isFinite), best.cost > 0, data.spent >= 0, data.requests > 0, data.answered > 0
    else { return nil }
    let isWhole = data.answered == data.requests
    let paid = isWhole ? data.spent : data.spent / Double(data.answered)
    let price = isWhole ? best.cost : best.cost / Double(data.requests)
    let change = FigureText.share(abs(paid - price), of: price) + (paid <= price ? " less" : " more")
    guard !change.hasPrefix(FigureText.unknown) else { return nil }
    let quality =
      "at quality \(FigureText.quality(reached.quality)) against \(FigureText.quality(best.quality))"
    return isWhole
      ? "That is \(change) than with the best offer alone (\(FigureText.dollars(price))), \(quality)."
      : "Each answer cost \(change) than with the best offer alone (\(FigureText.dollars(paid)) instead of "
        + "\(FigureText.dollars(price))), \(quality)."
  }

  /// What else to know about the run, most important first.
  var remarks: [String] {
    var remarks: [String] = []
    if data.wasStopped { remarks.append("Stopped before the end; run the same command again to go on.") }
    if data.failed > 0 {
      remarks.append("\(FigureText.count(data.failed, "row", "rows")) ended without an answer.")
    }
    remarks += data.remarks
    if data.resumed > 0 {
      remarks.append("\(FigureText.count(data.resumed, "row was", "rows were")) finished by earlier runs.")
    }
    if data.replanned > 0 {
      remarks.append("The plan was revised \(FigureText.count(data.replanned, "time", "times")).")
    }
    return remarks
  }

  var markup: Markup {
    let finished = PlainText.line(data.finishedAt, limit: 60)
    let sentences = (finished.isEmpty ? [] : ["Finished at \(finished)."]) + remarks
    return """
      <header>
      <p class="kind">Batch report</p>
      <h1>\(data.name, limit: 120)</h1>
      <p class="outcome">\([outcome, savings].compactMap(\.self).joined(separator: " "), limit: 600)</p>
      <p class="remarks">\(sentences.joined(separator: " "), limit: 600)</p>
      </header>
      """
  }
}
