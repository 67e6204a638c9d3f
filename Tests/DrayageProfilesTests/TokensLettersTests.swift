import DrayageTesting
import Testing

@testable import DrayageProfiles

@Suite struct TokensLettersTests {
  private func letters(_ text: String) -> [Int] {
    Array(TextRuns(text).counts[RunFeature.letter..<RunFeature.ideograph])
  }

  private func ideographs(_ text: String) -> [Int] {
    Array(TextRuns(text).counts[RunFeature.ideograph..<(RunFeature.ideograph + LetterClass.count)])
  }

  @Test func `the tables have an entry for every hash, and only entries that are classes`() {
    for (table, bits) in [
      (LetterTable.windows, LetterClass.windowBits), (LetterTable.ideographs, LetterClass.ideographBits),
    ] {
      #expect(table.utf8CodeUnitCount == 1 << bits)
      table.withUTF8Buffer { bytes in
        #expect(bytes.allSatisfy { $0 >= 0x3F && $0 < 0x3F + UInt8(LetterClass.count) })
        #expect(Set(bytes).count > LetterClass.count / 2)
      }
    }
  }

  @Test(arguments: [
    ("the quick brown fox", 16), ("Die Straße ist schön", 17), ("Zażółć gęślą jaźń", 15), ("Việt Nam", 7),
    ("Съешь ещё этих булок", 17), ("Ξεσκεπάζω την ψυχοφθόρα", 21), ("fooBar9x", 7), ("HTTP 42 -- !?", 0),
    ("中文 かな 한국어", 0),
  ])
  func `every letter of a word has one class`(text: String, count: Int) {
    #expect(letters(text).reduce(0, +) == count)
  }

  @Test(arguments: [("中文", 2), ("日本語のかな", 6), ("한국어", 3), ("a, b。、é", 0)])
  func `every ideograph, kana and syllable has one class`(text: String, count: Int) {
    #expect(ideographs(text).reduce(0, +) == count)
  }

  @Test func `case does not matter but at the start of a word`() {
    #expect(letters("Écran") == letters("écran"))
    #expect(letters("ПРИВЕТ") == letters("привет"))
    #expect(letters("ΚΑΛΗ") == letters("καλη"))
    #expect(letters("Hallo") == letters("hallo"))
  }

  @Test func `a window ends with its word`() {
    #expect(letters(" haus maus") == zip(letters(" haus"), letters(" maus")).map(+))
    #expect(letters("über, weiß") == zip(letters("über,"), letters(" weiß")).map(+))
    #expect(letters("haus") != letters(" haus") || letters("niet") != letters(" niet"))
  }

  /// Counts by the published tokenizers.
  @Test(arguments: [
    (
      "De trein naar het strand vertrekt elke ochtend om half negen, behalve in het weekend en op feestdagen.",
      32, 22
    ),
    (
      "Kereta ke pantai berangkat setiap pagi pukul setengah sembilan, kecuali pada akhir pekan dan hari libur.",
      36, 27
    ),
    (
      "Pociąg nad morze odjeżdża codziennie o wpół do dziewiątej, z wyjątkiem weekendów i świąt.",
      37, 34
    ),
    (
      "Juna rannalle lähtee joka aamu puoli yhdeksältä, paitsi viikonloppuisin ja juhlapäivinä.",
      39, 30
    ),
    (
      "Plaja giden tren hafta sonları ve tatil günleri dışında her sabah sekiz buçukta kalkıyor.",
      32, 26
    ),
    (
      "Поезд к морю отправляется каждое утро в половине девятого, кроме выходных и праздничных дней.",
      45, 26
    ),
    (
      "Tàu ra bãi biển khởi hành mỗi sáng lúc tám giờ rưỡi, trừ cuối tuần và ngày lễ.",
      45, 28
    ),
    (
      "开往海边的火车每天早上八点半出发，周末和节假日除外。",
      33, 25
    ),
    (
      "開往海邊的火車每天早上八點半出發，週末和假日除外。",
      37, 25
    ),
  ])
  func `sentences of other languages are estimated within a fifth`(
    text: String, cl100k: Int, o200k: Int
  ) {
    for (family, tokens) in [(TokenFamily.cl100k, cl100k), (.o200k, o200k)] {
      let estimate = TokenEstimator(family).estimate(text)
      #expect(abs(Double(estimate.expected) / Double(tokens) - 1) < 0.2, "\(family.name): \(estimate)")
    }
  }

  @Test(arguments: 0..<200)
  func `the bounds hold for words of every alphabet, whole and cut anywhere`(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let blocks: [ClosedRange<UInt32>] = [
      0x41...0x7A, 0xC0...0x24F, 0x370...0x52F, 0x1E00...0x1FFF, 0x3040...0x30FF, 0x3400...0x3500,
      0x4E00...0x9FFF, 0xAC00...0xD7A3, 0x20000...0x20100, 0x20...0x20,
    ]
    var text = String.UnicodeScalarView()
    while text.count < 200 {
      let block = blocks.randomElement(using: &random) ?? 0x20...0x20
      for _ in 0..<Int.random(in: 1..<9, using: &random) {
        if let scalar = Unicode.Scalar(UInt32.random(in: block, using: &random)) { text.append(scalar) }
      }
    }
    let vocabulary = try TokensVocabularyTests.vocabulary(.o200k)
    let bytes = Array(String(text).utf8)
    let cut = bytes[..<Int.random(in: 0...bytes.count, using: &random)]
    for part in [bytes[...], cut] {
      let runs = TextRuns(utf8: part)
      let exact = vocabulary.count(String(decoding: part, as: UTF8.self))
      for family in TokenFamily.all {
        let estimate = TokenEstimator(family).estimate(runs)
        #expect(exact <= estimate.bound, "seed \(seed) \(family.name)")
        #expect(estimate.expected <= estimate.high && estimate.high <= estimate.bound, "seed \(seed)")
      }
    }
  }
}
