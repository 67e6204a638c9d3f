import Testing

@testable import DrayageCLI

@Suite struct BatchPageTests {
  private static let attack = "a\"b'c</title></style><script>alert(1)</script>--><svg onload='x'>&lt;"

  @Test func `no string of the data becomes markup`() {
    let page = BatchPage.html(.filled(Self.attack, number: { 1 }, count: { 1 }))
    #expect(page.contains("a&quot;b&#39;c&lt;/title&gt;"))
    #expect(!page.contains("<script"))
    #expect(!page.contains("a\"b"))
    #expect(!page.contains("b'c"))
    #expect(!page.contains("-->"))
    #expect(!page.contains("<svg onload"))
    // The reference in the data is text, not a reference.
    #expect(!page.contains("x'>&lt;") && page.contains("&amp;lt;"))
    // As many tags as with harmless text: nothing opened, nothing closed.
    let harmless = BatchPage.html(.filled("abc", number: { 1 }, count: { 1 }))
    for tag in ["<svg", "</svg>", "</title>", "</style>", "<td", "<tr"] {
      #expect(Self.count(tag, page) == Self.count(tag, harmless), "\(tag)")
    }
  }

  @Test func `long strings are cut, and the page stays small`() {
    let long = String(repeating: "<", count: 200_000)
    let page = BatchPage.html(.filled(long, number: { 1 }, count: { 1 }))
    #expect(page.utf8.count < 120_000)
    #expect(page.contains("…"))
  }

  @Test func `control characters and characters that turn the text around are dropped`() {
    let text = "x\u{0}\u{1B}\u{7F}\u{85}\u{202E}\u{2066}\u{200B}\u{FEFF}\u{E0041}\u{FFFF}y"
    let page = BatchPage.html(.filled(text, number: { 1 }, count: { 1 }))
    #expect(page.contains("xy"))
    let unwanted = page.unicodeScalars.filter {
      [.control, .format, .unassigned].contains($0.properties.generalCategory) && $0 != "\n"
    }
    #expect(unwanted.isEmpty)
  }

  @Test func `nothing is loaded and nothing runs`() {
    let page = BatchPage.html(.plain)
    #expect(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""))
    for word in ["http:", "https:", "src=", "href=", "url(", "@import", " on", "javascript"]
    where word != " on" {
      #expect(!page.contains(word), "\(word)")
    }
  }

  @Test(arguments: UInt64(0)..<200)
  func `awkward numbers never reach the page`(seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    let counts = [0, 1, -1, .max, .min, 12]
    let data = BatchPageData.filled("ok") {
      random.awkward()
    } count: {
      var other = SeededNumbers(seed: random.next())
      return counts.randomElement(using: &other) ?? 0
    }
    let page = BatchPage.html(data)
    for word in ["nan", "inf", "Markup(", "Optional(", "-0%", "\"-0\"", "$-"] {
      #expect(!page.replacing("finished", with: "").contains(word), "seed \(seed): \(word)")
    }
    #expect(page.utf8.count < 200_000, "seed \(seed)")
  }

  @Test func `a batch of nothing has words in place of plots`() {
    let page = BatchPage.html(.nothing)
    #expect(page.contains("Nothing was recorded while this batch ran."))
    #expect(page.contains("No offer gave an answer."))
    #expect(page.contains("No latency is known."))
    #expect(page.contains("0 of 0 requests answered, $0 spent of a budget of $0."))
  }

  @Test func `the same data make the same page`() {
    let first = BatchPage.html(.plain)
    #expect(first == BatchPage.html(.plain))
    var other = BatchPageData.plain
    other.offers[2].billed += 1
    #expect(first != BatchPage.html(other))
  }

  @Test func `offers stand in the order of answers, whatever their order in the data`() {
    var data = BatchPageData.plain
    data.offers = [("b", 1), ("c", 9), ("a", 1)].map {
      .init(name: $0.0, answers: $0.1, billed: 1, latency: nil)
    }
    let page = BatchPage.html(data)
    data.offers.reverse()
    #expect(page == BatchPage.html(data))
  }

  private static func count(_ part: String, _ text: String) -> Int { text.ranges(of: part).count }
}
