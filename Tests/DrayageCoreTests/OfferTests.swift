import DrayageCore
import Testing

@Suite("Offers") struct OfferTests {
  @Test(arguments: [
    ("openai/gpt-6-luna", "openai", "gpt-6-luna", nil, "standard"),
    ("openai/gpt-6-luna#low", "openai", "gpt-6-luna", "low", "standard"),
    ("openai/gpt-6-luna@batch", "openai", "gpt-6-luna", nil, "batch"),
    ("openai/gpt-6-luna#low@batch", "openai", "gpt-6-luna", "low", "batch"),
    ("together/meta/llama-3", "together", "meta/llama-3", nil, "standard"),
  ])
  func namesAreReadAndWritten(
    text: String, provider: String, name: String, effort: String?, service: String
  ) throws {
    let id = try #require(OfferID(text))
    #expect(id.provider == provider)
    #expect(id.name == name)
    #expect(id.effort == effort)
    #expect(id.service == service)
    #expect(id.description == text)
    #expect(OfferID(provider: provider, name: name, effort: effort, service: service) == id)
  }

  @Test(arguments: [
    "", "/", "openai", "openai/", "/gpt", "openai/gpt#", "openai/gpt@", "openai/gpt#@batch", "openai/g pt",
    "openai/gpt@batch#low", "openai/gpt#a#b", "openai/gpt@a@b", "openai/gpt\n", "openai/gpt@standard",
  ])
  func otherTextsAreNoNames(text: String) {
    #expect(OfferID(text) == nil)
  }

  @Test func limitsAdmitUpToThemselves() {
    let limits = OfferLimits(context: 100, input: 80, output: 40)
    #expect(limits.admit(input: 80, output: 20))
    #expect(limits.admit(input: 60, output: 40))
    #expect(!limits.admit(input: 81, output: 1))
    #expect(!limits.admit(input: 10, output: 41))
    #expect(!limits.admit(input: 80, output: 21))
    #expect(!OfferLimits(context: 100).admit(input: .max, output: .max))
    #expect(OfferLimits().admit(input: .max, output: .max))
  }

  @Test func isOnSaleUntilItRetires() throws {
    var offer = try Self.offer("a/x")
    let retires = try UTCInstant("2026-12-11")
    #expect(offer.isOnSale(at: retires))
    offer.retires = retires
    #expect(!offer.isOnSale(at: retires))
    #expect(offer.isOnSale(at: UTCInstant(secondsSince1970: retires.secondsSince1970 - 1)))
  }

  /// Copies share their parts until one is changed.
  @Test func aChangedCopyLeavesTheOriginalAsItWas() throws {
    let original = try Self.offer("a/x")
    let changes: [(inout Offer) -> Void] = [
      { $0.aliases = ["y"] }, { $0.limits = OfferLimits(context: 1) }, { $0.capabilities = [.tools] },
      { $0.openWeights = true }, { $0.endpoint = Endpoint(dialect: .openAIChat, baseURL: "http://h") },
      { $0.quotas = ["q"] }, { $0.retires = UTCInstant(secondsSince1970: 1) }, { $0.replacement = "z" },
      { $0.region = "eu" }, { $0.plan = "p" },
    ]
    for (number, change) in changes.enumerated() {
      var copy = original
      #expect(copy == original)
      change(&copy)
      #expect(copy != original, "change \(number)")
      #expect(try original == Self.offer("a/x"), "change \(number)")
      #expect(copy.hashValue == original.hashValue, "the name is the same")
    }
  }

  @Test func aRetirementIsToldAMonthAhead() throws {
    var offer = try Self.offer("a/x")
    let instant = try UTCInstant("2026-11-22T19:00:00Z")
    #expect(offer.retirementNotice(at: instant) == nil)
    offer.retires = try UTCInstant("2026-12-22")
    #expect(offer.retirementNotice(at: instant) == "a/x retires on 2026-12-22, in 30 days")
    offer.replacement = "y"
    #expect(
      offer.retirementNotice(at: instant)
        == "a/x retires on 2026-12-22, in 30 days; a names y in its place")
    offer.retires = try UTCInstant("2026-12-23")
    #expect(offer.retirementNotice(at: instant) == nil)
    // What has retired is not chosen.
    offer.retires = instant
    #expect(offer.retirementNotice(at: instant) == nil)
  }

  @Test func aCatalogIsOrderedAndRefusesDuplicates() throws {
    let catalog = try Catalog([Self.offer("b/y"), Self.offer("a/x"), Self.offer("a/x@batch")])
    #expect(catalog.offers.map(\.id.description) == ["a/x", "a/x@batch", "b/y"])
    let id = try #require(OfferID("a/x@batch"))
    #expect(catalog[id]?.service == "batch")
    #expect { try Catalog([Self.offer("a/x"), Self.offer("b/y"), Self.offer("a/x")]) } throws: {
      ($0 as? CatalogError)?.code == .duplicate
    }
    let quota = Quota(provider: "a", plan: nil)
    #expect { try Catalog([], quotas: [quota, quota]) } throws: { ($0 as? CatalogError)?.code == .duplicate }
  }

  @Test(arguments: [
    ("openai/gpt-6-lnua", ["openai/gpt-6-luna"]), ("gpt-6-luna", ["openai/gpt-6-luna"]),
    ("openai/gpt-6", ["openai/gpt-6-luna", "openai/gpt-6-astra"]),
    ("OPENAI/GPT-6-LUNA", ["openai/gpt-6-luna"]),
    ("deepseek/deepseek-v4-flash", ["deepseek/flash"]), ("zzzzzzzzzzzz", []), ("", []),
  ])
  func anUnknownNameIsAnsweredWithLikeOnes(text: String, expected: [String]) throws {
    var flash = try Self.offer("deepseek/flash")
    flash.aliases = ["deepseek-v4-flash"]
    let catalog = try Catalog([Self.offer("openai/gpt-6-luna"), Self.offer("openai/gpt-6-astra"), flash])
    #expect { try catalog.offer(named: text) } throws: { error in
      guard let error = error as? CatalogError else { return false }
      return error.code == .unknownOffer && expected.allSatisfy(error.suggestions.contains)
        && error.suggestions.first == expected.first
    }
  }

  private static func offer(_ text: String) throws -> Offer {
    let tariff = try Tariff(
      name: text, origin: "a.json", sheets: [RateSheet(base: [.input: .free, .output: .free])])
    return Offer(id: try #require(OfferID(text)), tariff: tariff)
  }
}
