import DrayageCore
import Testing

@Suite("Multipliers") struct MultiplierTests {
  @Test(arguments: [
    ("1.1", 11, 10), ("0.5", 1, 2), ("2", 2, 1), ("1.50", 3, 2), ("0", 0, 1), ("0.000001", 1, 1_000_000),
    ("1000000", 1_000_000, 1), ("1.25", 5, 4),
  ])
  func readsAndReduces(text: String, numerator: Int64, denominator: Int64) throws {
    let multiplier = try Multiplier(text)
    #expect(multiplier.numerator == numerator)
    #expect(multiplier.denominator == denominator)
  }

  @Test(arguments: [
    "", "-1", "1,1", "x", "0.0000001", "1000000.1", "99999999999999999999", "1/2", "nan", " 1",
  ])
  func refuses(text: String) {
    #expect(throws: DecimalTextError.self) { try Multiplier(text) }
  }

  @Test func productsAreExactAndReduced() throws {
    let regional = try Multiplier("1.1")
    let batch = try Multiplier("0.5")
    let long = try Multiplier("2")
    #expect(regional.multiplied(by: batch)?.description == "11/20")
    #expect(batch.multiplied(by: long) == .one)
    #expect(Multiplier.one.multiplied(by: regional) == regional)
    #expect(try Multiplier("0").multiplied(by: regional)?.description == "0")
  }

  @Test func aProductBeyondSixtyFourBitsIsNil() throws {
    let large = try Multiplier("1000000")
    var product: Multiplier? = large
    for _ in 0..<2 { product = product?.multiplied(by: large) }
    #expect(product?.numerator == 1_000_000_000_000_000_000)
    #expect(product?.multiplied(by: large) == nil)
    // Of the small ones it is the denominator that overflows.
    let small = try Multiplier("0.999999")
    product = small
    for _ in 0..<2 { product = product?.multiplied(by: small) }
    #expect(product?.denominator == 1_000_000_000_000_000_000)
    #expect(product?.multiplied(by: small) == nil)
  }
}
