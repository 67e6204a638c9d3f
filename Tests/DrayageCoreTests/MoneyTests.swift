import DrayageCore
import Testing

@Suite("Money") struct MoneyTests {
  @Test(arguments: [
    ("12.50", 12_500_000_000), ("2.925e-06", 2_925), ("0.0000000001", 1), ("0", 0),
    ("1000000000", 1_000_000_000_000_000_000),
    ("0.1234567891", 123_456_790),
  ])
  func readsRoundedUp(text: String, nanodollars: Int64) throws {
    #expect(try Money(decimal: text).nanodollars == nanodollars)
  }

  @Test(arguments: ["1000000000.01", "-1", "", "1.0.0", "9223372036"])
  func refuses(text: String) {
    #expect(throws: DecimalTextError.self) { try Money(decimal: text) }
  }

  @Test func writesWhatItReads() throws {
    for seed in UInt64(0)..<1_000 {
      let nanodollars = Int64((seed &* 0x9e37_79b9_7f4a_7c15) >> 5) % 1_000_000_000_000_000_000
      let money = Money(nanodollars: nanodollars)
      #expect(try Money(decimal: money.decimal) == money, "seed \(seed)")
    }
  }

  @Test func isWrittenWithAtLeastTwoPlaces() {
    #expect(Money(nanodollars: 12_500_000_000).description == "$12.50")
    #expect(Money(nanodollars: 2_925).description == "$0.000002925")
    #expect(Money(nanodollars: -1).description == "-$0.000000001")
    #expect(Money.zero.description == "$0.00")
    #expect(Money(nanodollars: .min).description == "-$9223372036.854775808")
  }

  @Test func addsAndCompares() {
    let a = Money(nanodollars: 3)
    var b = Money(nanodollars: 5)
    #expect(a < b)
    #expect((a + b).nanodollars == 8)
    #expect((a - b).nanodollars == -2)
    b += a
    b -= Money(nanodollars: 1)
    #expect(b.nanodollars == 7)
    #expect(Money(nanodollars: 2_000_000_000).dollars == 2)
  }
}
