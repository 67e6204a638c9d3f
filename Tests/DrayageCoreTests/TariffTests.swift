import DrayageCore
import Testing

@Suite("Tariffs") struct TariffTests {
  private let noon = UTCInstant(secondsSince1970: 43_200)

  private func tariff(_ base: [Meter: String], _ rules: [RateRule] = []) throws -> Tariff {
    var rates: [Meter: Rate] = [:]
    for (meter, text) in base { rates[meter] = try Rate(dollarsPerMillion: text) }
    return try Tariff(name: "a/x", origin: "pricing/a.json", sheets: [RateSheet(base: rates, rules: rules)])
  }

  private func code(_ body: () throws -> Void) -> TariffError.Code? {
    do { try body() } catch { return (error as? TariffError)?.code }
    return nil
  }

  @Test func aBillKeepsWhatLedToIt() throws {
    let tariff = try tariff(
      [.input: "0.1", .output: "0.5", .cacheRead: "0.01"],
      [
        RateRule(when: .region(["eu"]), .multiply([:], otherTokens: try Multiplier("1.1"))),
        RateRule(when: .service("batch"), .multiply([:], otherTokens: try Multiplier("0.5"))),
      ])
    let bill = try tariff.price(
      TokenUsage(input: 1, output: 2, cachedInput: 1), at: noon,
      under: PriceConditions(service: "batch", region: "eu"))
    // 55 + 2 x 275 + 5.5 = 610.5 nano-dollars: rounded up once.
    #expect(bill.total.nanodollars == 611)
    #expect(
      bill.description == """
        in: 1 x $0.10/M x 11/20 = $0.000000055
        out: 2 x $0.50/M x 11/20 = $0.00000055
        cache_read: 1 x $0.01/M x 11/20 = $0.0000000055
        total $0.000000611 (service batch, region eu)
        """)
    #expect(bill.exact.description == "$0.0000006105")
  }

  @Test func `what an allowance covers is not charged, to the last unit`() throws {
    let tariff = try Tariff(
      name: "a/x", origin: "pricing/a.json",
      sheets: [
        RateSheet(
          base: [
            .input: try Rate(dollarsPerMillion: "1"), .output: try Rate(dollarsPerMillion: "2"),
            .webSearch: try Rate(dollarsPerMillion: "14000"),
          ],
          rules: [RateRule(when: .inputOver(100), .multiply([:], otherTokens: try Multiplier("2")))])
      ])
    func bill(_ searches: Int, free: [Meter: Int]) throws -> Bill {
      try tariff.price(
        TokenUsage(input: 100, output: 0), besides: [.webSearch: searches], free: free, at: noon)
    }
    // 14 thousandths of a dollar for each search.
    for (left, charged) in [(0, 3), (1, 2), (2, 1), (3, 0), (4, 0), (Int.max, 0)] {
      let bill = try bill(3, free: [.webSearch: left])
      #expect(bill.total.nanodollars == 100_000 + Int64(charged) * 14_000_000, "\(left) left")
      #expect(bill.lines.map(\.quantity) == [100, 3] && bill.lines.map(\.free) == [0, 3 - charged])
    }
    #expect(
      try bill(3, free: [.webSearch: 1]).description.split(separator: "\n")
        .contains("web_search/1k: (3 - 1 free) x $14.00/1k = $0.028"))
    // Free tokens still count towards the context tier.
    let over = try tariff.price(TokenUsage(input: 101, output: 0), free: [.input: 50], at: noon)
    #expect(over.total.nanodollars == 51 * 2_000)
    #expect(code { _ = try bill(1, free: [.webSearch: -1]) } == .tooLarge)
    // A reservation knows of no allowance.
    #expect(
      try tariff.ceiling(input: 100, output: 0, besides: [.webSearch: 3], at: noon).nanodollars
        == 100_000 + 42_000_000)
  }

  @Test func ofAGroupTheFirstThatMatchesApplies() throws {
    func rule(_ condition: RateRule.Condition, _ factor: String) throws -> RateRule {
      RateRule(when: condition, .multiply([:], otherTokens: try Multiplier(factor)))
    }
    let tariff = try tariff(
      [.input: "1", .output: "1"],
      [rule(.inputOver(200), "5"), rule(.inputOver(100), "3"), rule(.plan("gold"), "0.5")])
    func cost(_ input: Int, plan: String? = nil) throws -> Int64 {
      try tariff.price(TokenUsage(input: input, output: 0), at: noon, under: PriceConditions(plan: plan))
        .total.nanodollars
    }
    #expect(try cost(100) == 100_000)
    #expect(try cost(101) == 303_000)
    #expect(try cost(200) == 600_000)
    #expect(try cost(201) == 1_005_000)
    #expect(try cost(201, plan: "gold") == 502_500)
    #expect(try cost(201, plan: "silver") == 1_005_000)
  }

  @Test func absoluteRatesReplaceAndAreMultipliedByOtherGroups() throws {
    let tariff = try tariff(
      [.input: "1", .output: "2"],
      [
        RateRule(when: .inputOver(10), .set([.input: try Rate(dollarsPerMillion: "7")])),
        RateRule(when: .service("batch"), .multiply([.input: try Multiplier("0.5")], otherTokens: nil)),
      ])
    let batch = PriceConditions(service: "batch")
    #expect(try tariff.price(TokenUsage(input: 11, output: 1), at: noon).total.nanodollars == 79_000)
    #expect(
      try tariff.price(TokenUsage(input: 11, output: 1), at: noon, under: batch).total.nanodollars == 40_500)
    #expect(
      try tariff.price(TokenUsage(input: 10, output: 1), at: noon, under: batch).total.nanodollars == 7_000)
  }

  @Test func twoAbsoluteRatesForOneMeterAreAnError() throws {
    let rates = [Meter.input: try Rate(dollarsPerMillion: "7")]
    let tariff = try tariff(
      [.input: "1", .output: "2"],
      [RateRule(when: .inputOver(10), .set(rates)), RateRule(when: .region(["eu"]), .set(rates))])
    let eu = PriceConditions(region: "eu")
    #expect(
      try tariff.price(TokenUsage(input: 10, output: 0), at: noon, under: eu).total.nanodollars == 70_000)
    #expect(
      code { _ = try tariff.price(TokenUsage(input: 11, output: 0), at: noon, under: eu) } == .ambiguousRate)
  }

  @Test func whatHasNoPriceIsAnErrorThatNamesTheFile() throws {
    let tariff = try tariff([.input: "1", .output: "2"])
    let error = #expect(throws: TariffError.self) {
      try tariff.price(TokenUsage(input: 1, output: 1, cacheWrite: 1), at: noon)
    }
    #expect(error?.code == .unknownPrice)
    #expect(error?.meter == .cacheWrite)
    #expect(
      error?.description
        == "a/x: the price of cache_write is unknown, and unknown is not free; add it to the base rates "
        + "in pricing/a.json"
    )
    #expect(
      code { _ = try tariff.price(TokenUsage(input: 1, output: 1), besides: [.webSearch: 1], at: noon) }
        == .unknownPrice)
    let inputOnly = try self.tariff([.input: "1"])
    #expect(code { _ = try inputOnly.price(TokenUsage(input: 1, output: 1), at: noon) } == .unknownPrice)
    #expect(code { _ = try inputOnly.ceiling(input: 1, output: 1, at: noon) } == .unknownPrice)
    // What was not used needs no price.
    #expect(try inputOnly.price(TokenUsage(input: 1, output: 0), at: noon).total.nanodollars == 1_000)
    let outputOnly = try self.tariff([.output: "1", .cacheWrite: "1"])
    #expect(code { _ = try outputOnly.ceiling(input: 1, output: 1, at: noon) } == .unknownPrice)
  }

  @Test func cachedReadsWithoutARateAreChargedAsFreshInput() throws {
    let tariff = try tariff([.input: "1", .output: "2"])
    let bill = try tariff.price(TokenUsage(input: 1, output: 0, cachedInput: 3), at: noon)
    #expect(bill.total.nanodollars == 4_000)
    #expect(bill.lines.last?.meter == .cacheRead)
    #expect(bill.lines.last?.chargedAs == .input)
    #expect(bill.description.contains("cache_read charged as in: 3 x $1.00/M = $0.000003"))
  }

  @Test func feesAreMultipliedOnlyWhenNamed() throws {
    var base: [Meter: Rate] = [.input: try Rate(dollarsPerMillion: "1"), .output: .free]
    base[.request] = try Rate(dollarsEach: "0.005")
    base[.webSearch] = try Rate(dollarsPerThousand: "10")
    let half = try Multiplier("0.5")
    let tariff = try Tariff(
      name: "a/x", origin: "a.json",
      sheets: [
        RateSheet(
          base: base,
          rules: [
            RateRule(when: .service("batch"), .multiply([:], otherTokens: half)),
            RateRule(when: .service("flex"), .multiply([.webSearch: half], otherTokens: half)),
          ])
      ])
    func cost(_ service: String) throws -> Money {
      try tariff.price(
        TokenUsage(input: 1_000, output: 0), besides: [.webSearch: 2], at: noon,
        under: PriceConditions(service: service)
      ).total
    }
    #expect(try cost("standard") == Money(decimal: "0.026"))
    #expect(try cost("batch") == Money(decimal: "0.0255"))
    #expect(try cost("flex") == Money(decimal: "0.0155"))
    #expect(
      try tariff.ceiling(input: 1_000, output: 5, besides: [.webSearch: 2], at: noon)
        == Money(decimal: "0.026"))
  }

  @Test func extendedCacheWritesCountTowardsTheTier() throws {
    let hour = try #require(Meter.cacheWrite(hours: 1))
    let tariff = try tariff(
      [.input: "1", .output: "1", hour: "2"],
      [RateRule(when: .inputOver(10), .multiply([:], otherTokens: try Multiplier("3")))])
    #expect(
      try tariff.price(TokenUsage(input: 5, output: 0), besides: [hour: 5], at: noon).total.nanodollars
        == 15_000)
    #expect(
      try tariff.price(TokenUsage(input: 5, output: 0), besides: [hour: 6], at: noon).total.nanodollars
        == 51_000)
  }

  @Test func aServiceThatIsNotSoldIsAnError() throws {
    let tariff = try tariff([.input: "1", .output: "1"])
    let error = #expect(throws: TariffError.self) {
      try tariff.price(TokenUsage(input: 1, output: 1), at: noon, under: PriceConditions(service: "batch"))
    }
    #expect(error?.code == .serviceNotSold)
  }

  @Test func aHolidayRuleNeverApplies() throws {
    let tariff = try tariff(
      [.input: "1", .output: "1"],
      [RateRule(when: .holiday("CN"), .multiply([:], otherTokens: try Multiplier("0.5")))])
    #expect(try tariff.price(TokenUsage(input: 1, output: 0), at: noon).total.nanodollars == 1_000)
  }

  @Test func sheetsAreDatedFromAndUntil() throws {
    func sheet(_ from: String?, _ until: String?, _ rate: String) throws -> RateSheet {
      RateSheet(
        from: try from.map { try UTCInstant($0) }, until: try until.map { try UTCInstant($0) },
        base: [.input: try Rate(dollarsPerMillion: rate)])
    }
    let tariff = try Tariff(
      name: "a/x", origin: "a.json",
      sheets: [
        sheet("2026-08-22T16:00Z", nil, "3"), sheet("2026-01-01", "2026-08-16T16:00Z", "1"),
        sheet("2026-08-16T16:00Z", "2026-08-20", "2"),
      ])
    func cost(_ text: String) throws -> Int64 {
      try tariff.price(TokenUsage(input: 1, output: 0), at: try UTCInstant(text)).total.nanodollars
    }
    #expect(try cost("2026-08-16T15:59:59Z") == 1_000)
    #expect(try cost("2026-08-16T16:00:00Z") == 2_000)
    #expect(try cost("2026-08-22T16:00Z") == 3_000)
    #expect { try cost("2026-08-20") } throws: {
      "\($0)" == "a/x: no prices are known for 2026-08-20T00:00:00Z (none between 2026-08-20T00:00:00Z and "
        + "2026-08-22T16:00:00Z); add a rate sheet to a.json"
    }
    #expect { try cost("2025-12-31") } throws: {
      "\($0)".contains("the first begins at 2026-01-01T00:00:00Z")
    }
    #expect(code { _ = try Tariff(name: "a/x", origin: "a.json", sheets: []) } == .badSheets)
    #expect(
      code {
        _ = try Tariff(
          name: "a/x", origin: "a.json",
          sheets: [sheet("2026-01-01", nil, "1"), sheet("2026-02-01", nil, "1")])
      } == .badSheets)
    #expect(
      code {
        _ = try Tariff(name: "a/x", origin: "a.json", sheets: [sheet("2026-02-01", "2026-02-01", "1")])
      } == .badSheets)
    #expect(
      code {
        _ = try Tariff(name: "a/x", origin: "a.json", sheets: [sheet(nil, nil, "1"), sheet(nil, nil, "1")])
      }
        == .badSheets)
  }

  @Test func hostileUsageIsRefusedNotTrapped() throws {
    let tariff = try tariff([.input: "1000000", .output: "1000000", .cacheRead: "1", .cacheWrite: "1"])
    let usages = [
      TokenUsage(input: .max, output: 0), TokenUsage(input: .max, output: .max),
      TokenUsage(input: .max, output: 0, cachedInput: .max, cacheWrite: .max),
      TokenUsage(input: 0, output: .max),
    ]
    for usage in usages { #expect(code { _ = try tariff.price(usage, at: noon) } == .tooLarge) }
    #expect(code { _ = try tariff.ceiling(input: .max, output: .max, at: noon) } == .tooLarge)
    #expect(code { _ = try tariff.ceiling(input: -1, output: 0, at: noon) } == .tooLarge)
    #expect(
      code { _ = try tariff.ceiling(input: 1, output: 0, besides: [.webSearch: -1], at: noon) } == .tooLarge)
    #expect(
      code { _ = try tariff.price(TokenUsage(input: 1, output: 0), besides: [.webSearch: -1], at: noon) }
        == .tooLarge)
    // The largest amount is reached, and not passed.
    #expect(try tariff.price(TokenUsage(input: 1_000_000_000, output: 0), at: noon).total == .largest)
    #expect(code { _ = try tariff.price(TokenUsage(input: 1_000_000_001, output: 0), at: noon) } == .tooLarge)
  }

  @Test func manyFineMultipliersOverflowAsAnError() throws {
    let fine = RateRule.Adjustment.multiply([:], otherTokens: try Multiplier("0.999999"))
    let always = try #require(TimeWindows())
    let tariff = try tariff(
      [.input: "1", .output: "1"],
      [
        RateRule(when: .inputOver(0), fine), RateRule(when: .service("s"), fine),
        RateRule(when: .region(["r"]), fine),
        RateRule(when: .time(always), fine), RateRule(when: .plan("p"), fine),
      ])
    let usage = TokenUsage(input: 1, output: 1)
    #expect(try tariff.price(usage, at: noon).total.nanodollars == 2_000)
    let all = PriceConditions(service: "s", region: "r", plan: "p")
    #expect(code { _ = try tariff.price(usage, at: noon, under: all) } == .tooLarge)
  }

  @Test(arguments: [
    "in", "out", "cache_read", "cache_write", "cache_write@1h", "cache_write@12h", "web_search/1k", "request",
  ])
  func metersHaveOneSpelling(key: String) {
    #expect(Meter(key)?.key == key)
  }

  @Test(arguments: [
    "", "input", "cache_write@", "cache_write@0h", "cache_write@01h", "cache_write@+1h", "cache_write@1d",
    "cache_write@1000h", "IN",
  ])
  func otherTextsAreNoMeters(key: String) {
    #expect(Meter(key) == nil)
  }
}
