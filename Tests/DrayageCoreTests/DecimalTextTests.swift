import DrayageCore
import Testing

@Suite("Decimal text") struct DecimalTextTests {
  @Test(arguments: [
    ("0", 0), ("12", 12_000_000), ("0.003625", 3_625), ("5.98e-05", 59), (".5", 500_000), ("5.", 5_000_000),
    ("1e3", 1_000_000_000), ("1E+2", 100_000_000), ("0.25000000000000000000000000", 250_000),
    ("000.1", 100_000),
    ("0e300", 0),
  ])
  func readsExactly(text: String, millionths: Int64) throws {
    // 5.98e-05 is finer than millionths: it is read rounded up, and refused where exactness is asked.
    if text == "5.98e-05" {
      #expect(try DecimalText.parse(text, scale: 6, remainder: .roundedUp) == millionths + 1)
      #expect { try DecimalText.parse(text, scale: 6, remainder: .refused) } throws: {
        ($0 as? DecimalTextError)?.reason == .tooFine(places: 6)
      }
    } else {
      #expect(try DecimalText.parse(text, scale: 6, remainder: .refused) == millionths)
    }
  }

  @Test(arguments: [
    "", ".", "1.2.3", "1,2", "0x10", "1e", "1ee2", "e5", "+1", " 1", "1 ", "1e9999", "١", "inf", "1_000",
    "$1", "1-2",
  ])
  func refusesWhatIsNotDecimal(text: String) {
    #expect { try DecimalText.parse(text, scale: 6, remainder: .refused) } throws: {
      ($0 as? DecimalTextError)?.reason == .malformed
    }
  }

  @Test func refusesNegativeAndLarge() {
    #expect { try DecimalText.parse("-1", scale: 6, remainder: .refused) } throws: {
      ($0 as? DecimalTextError)?.reason == .negative
    }
    for text in ["9223372036854775808", "1e300", "9300000000000", String(repeating: "9", count: 400)] {
      #expect { try DecimalText.parse(text, scale: 6, remainder: .refused) } throws: {
        ($0 as? DecimalTextError)?.reason == .tooLarge
      }
    }
  }

  @Test func aHostileLengthIsRefused() {
    let text = "0." + String(repeating: "0", count: 1_000_000)
    #expect { try DecimalText.parse(text, scale: 6, remainder: .refused) } throws: {
      ($0 as? DecimalTextError)?.text.count == 40
    }
  }

  @Test func neverBelowAndLessThanOneUnitAbove() throws {
    for seed in UInt64(0)..<1_000 {
      // Digits from the seed alone; the reference is whole-number arithmetic.
      let units = Int64(seed &* 2_654_435_761 % 1_000_000)
      let places = Int(seed % 9)
      var power: Int64 = 1
      for _ in 0..<places { power *= 10 }
      let fraction = String(units % power)
      let padded = String(repeating: "0", count: places - min(places, fraction.count)) + fraction
      let text = places == 0 ? "\(units)" : "\(units / power).\(padded)"
      let read = try DecimalText.parse(text, scale: 4, remainder: .roundedUp)
      // read / 10⁴ >= units / power > (read - 1) / 10⁴
      #expect(read * power >= units * 10_000, "seed \(seed): \(text)")
      #expect((read - 1) * power < units * 10_000, "seed \(seed): \(text)")
    }
  }
}
