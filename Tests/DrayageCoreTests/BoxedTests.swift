import DrayageCore
import Testing

@Suite struct BoxedTests {
  @Test func `whoever changes a value that others have gets a copy`() {
    let first = Boxed([1, 2])
    var second = first
    #expect(second == first && second.hashValue == first.hashValue)
    second.value.append(3)
    #expect(first.value == [1, 2] && second.value == [1, 2, 3] && second != first)
    let third = second
    second.value[0] = 9
    #expect(third.value == [1, 2, 3] && second.value == [9, 2, 3])
    #expect(Boxed([1, 2]) == first)
  }

  @Test func `an offer that is changed leaves its copies as they were`() throws {
    let tariff = try Tariff(name: "p/m", origin: "here", sheets: [RateSheet(base: [:])])
    let offer = Offer(id: try #require(OfferID("p/m")), tariff: tariff)
    var changed = offer
    changed.region = "eu"
    changed.quotas.append("q")
    #expect(offer.region == nil && offer.quotas.isEmpty)
    #expect(changed.region == "eu" && changed.quotas == ["q"] && changed != offer)
  }
}
