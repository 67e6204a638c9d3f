import DrayageCore
import Testing

@Suite("Rates") struct RateTests {
  @Test(arguments: [("0.003625", 3_625), ("12", 12_000_000), ("0", 0), ("1000000", 1_000_000_000_000)])
  func perMillion(text: String, picodollars: Int64) throws {
    #expect(try Rate(dollarsPerMillion: text).picodollars == picodollars)
  }

  @Test func perThousandAndEach() throws {
    #expect(try Rate(dollarsPerThousand: "10").picodollars == 10_000_000_000)
    #expect(try Rate(dollarsEach: "0.005").picodollars == 5_000_000_000)
    #expect(try Rate(dollarsEach: "1000").picodollars == 1_000_000_000_000_000)
  }

  @Test func finerThanAPicodollarIsRefusedNotRounded() {
    for text in ["0.0000001", "1.2345678"] {
      #expect { try Rate(dollarsPerMillion: text) } throws: {
        ($0 as? DecimalTextError)?.reason == .tooFine(places: 6)
      }
    }
  }

  @Test func absurdRatesAreRefused() {
    #expect(throws: DecimalTextError.self) { try Rate(dollarsPerMillion: "1000000.1") }
    #expect(throws: DecimalTextError.self) { try Rate(dollarsPerThousand: "1001") }
    #expect(throws: DecimalTextError.self) { try Rate(dollarsEach: "1000.01") }
    #expect(throws: DecimalTextError.self) { try Rate(dollarsPerMillion: "-0.1") }
  }

  @Test func isWrittenAsPriceListsDo() throws {
    #expect(try Rate(dollarsPerMillion: "0.25").description == "$0.25/M")
    #expect(try Rate(dollarsPerMillion: "0.003625").description == "$0.003625/M")
    #expect(Rate.free.description == "$0.00/M")
    #expect(Rate.free < (try Rate(dollarsPerMillion: "0.01")))
  }
}
