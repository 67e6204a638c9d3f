/// A batch as one page that needs nothing else: no script, no font, no picture from anywhere.
enum BatchPage {
  /// The page as HTML, the same text for the same data. Everything in the data is treated as hostile: text is
  /// escaped and cut, and numbers that are not finite show as unknown.
  static func html(_ data: BatchPageData) -> String {
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(data.name, limit: 120): batch report</title>
      <style>
      \(PageStyle.sheet)
      </style>
      </head>
      <body>
      <main>
      \(BatchHeadline(data).markup)
      <div class="figures">
      \(TimelinePlot(data).figure)
      \(FrontierPlot(data).figure)
      \(AnswersPlot(data).figure)
      \(LatencyPlot(data).figure)
      </div>
      <div class="tables">
      \(BatchTables(data).sections)
      </div>
      </main>
      </body>
      </html>

      """
    return page.text
  }
}
