import DrayageCore
import Testing

@Suite("Eligibility") struct EligibilityTests {
  private static let instant = UTCInstant(secondsSince1970: 1_800_000_000)

  /// An offer that could serve anything, sold until a day after the instant of these tests.
  private static func offer() throws -> Offer {
    let tariff = try Tariff(
      name: "a/x", origin: "a.json",
      sheets: [
        RateSheet(
          from: UTCInstant(secondsSince1970: instant.secondsSince1970 - 86_400),
          until: UTCInstant(secondsSince1970: instant.secondsSince1970 + 86_400),
          base: [.input: .free, .output: .free])
      ])
    return Offer(id: try #require(OfferID("a/x")), tariff: tariff)
  }

  private func rejection(
    _ offer: Offer, input: Int = 100, output: Int = 50, needing capabilities: Set<Capability> = [],
    after seconds: Int64 = 0
  ) -> Rejection? {
    offer.rejection(
      of: Request(inputTokens: input, maxOutputTokens: output, capabilities: capabilities),
      at: UTCInstant(secondsSince1970: Self.instant.secondsSince1970 + seconds))
  }

  @Test func anOfferWithoutLimitsServesAnything() throws {
    let offer = try Self.offer()
    #expect(rejection(offer) == nil)
    #expect(rejection(offer, input: .max, output: .max) == nil)
    #expect(rejection(offer, input: 0, output: 0) == nil)
  }

  @Test func everyNeededCapabilityIsAskedFor() throws {
    var offer = try Self.offer()
    #expect(rejection(offer, needing: [.tools, .image]) == .lacks(.image))
    offer.capabilities = [.image, .stream]
    #expect(rejection(offer, needing: [.tools, .image]) == .lacks(.tools))
    offer.capabilities = [.image, .stream, .tools]
    #expect(rejection(offer, needing: [.tools, .image]) == nil)
  }

  @Test func sizesAreHeldAgainstTheLimits() throws {
    var offer = try Self.offer()
    offer.limits = OfferLimits(context: 150, input: 120, output: 60)
    #expect(rejection(offer) == nil)
    #expect(rejection(offer, input: 101) == .tooLong(input: 101, output: 50))
    #expect(rejection(offer, input: 121, output: 0) == .tooLong(input: 121, output: 0))
    #expect(rejection(offer, input: 1, output: 61) == .tooLong(input: 1, output: 61))
    #expect(rejection(offer, input: .max, output: .max) == .tooLong(input: .max, output: .max))
  }

  @Test func anOfferIsServedUntilTheSecondItRetires() throws {
    var offer = try Self.offer()
    let retires = UTCInstant(secondsSince1970: Self.instant.secondsSince1970 + 10)
    offer.retires = retires
    #expect(rejection(offer, after: 9) == nil)
    #expect(rejection(offer, after: 10) == .retired(at: retires))
  }

  @Test func withoutAPriceNothingIsServed() throws {
    let offer = try Self.offer()
    for seconds in [-86_401, 86_400] as [Int64] {
      guard case .noPrice(let error) = rejection(offer, after: seconds) else {
        Issue.record("served \(seconds) s from the instant, when no price holds")
        continue
      }
      #expect(error.code == .noSheet)
    }
    #expect(rejection(offer, after: -86_400) == nil)
    #expect(rejection(offer, after: 86_399) == nil)
  }

  @Test func whatCannotBeChangedIsSaidFirst() throws {
    var offer = try Self.offer()
    offer.retires = Self.instant
    offer.limits = OfferLimits(context: 1)
    #expect(rejection(offer, needing: [.tools], after: 86_400) == .retired(at: Self.instant))
    offer.retires = nil
    #expect(rejection(offer, needing: [.tools], after: 86_400) == .lacks(.tools))
    offer.capabilities = [.tools]
    #expect(rejection(offer, needing: [.tools], after: 86_400) == .tooLong(input: 100, output: 50))
  }

  @Test func rejectionsInWords() throws {
    var rejections: [Rejection] = [
      .lacks(.jsonSchema), .tooLong(input: 100, output: 50), .retired(at: Self.instant),
      .retired(at: Self.instant, replacement: "m-2"), .unreachable("speaks no known wire format"),
      .unboundedOutput, .noEstimate,
    ]
    rejections.append(try #require(rejection(Self.offer(), after: 86_400)))
    #expect(
      rejections.map(\.description).joined(separator: "\n") == """
        lacks json_schema
        too small for 100 input and 50 output tokens
        retired at 2027-01-15T08:00:00Z
        retired at 2027-01-15T08:00:00Z; the provider names m-2 in its place
        speaks no known wire format
        nothing limits its output; set max_completion_tokens, or a limit for all requests
        nothing is known of how it does on such requests
        no prices are known for 2027-01-16T08:00:00Z (the last ends at 2027-01-16T08:00:00Z); \
        add a rate sheet to a.json
        """)
  }
}
