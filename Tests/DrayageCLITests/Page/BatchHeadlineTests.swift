import Testing

@testable import DrayageCLI

@Suite struct BatchHeadlineTests {
  private func data(answered: Int, spent: Double) -> BatchPageData {
    var data = BatchPageData.nothing
    data.requests = 1000
    data.answered = answered
    data.budget = 1
    data.spent = spent
    data.reached = .init(name: "this batch", cost: spent, quality: 0.8)
    data.alternatives = [
      .init(name: "cheapest", cost: 0.1, quality: 0.5), .init(name: "best", cost: 2, quality: 0.9),
    ]
    data.bestOfferOnly = 1
    return data
  }

  @Test func `a whole batch is compared with the best offer by its cost`() {
    let headline = BatchHeadline(data(answered: 1000, spent: 0.5))
    #expect(headline.outcome == "1,000 of 1,000 requests answered, $0.500 spent of a budget of $1.00.")
    #expect(
      headline.savings
        == "That is 75.0 % less than with the best offer alone ($2.00), at quality 0.8000 against 0.9000.")
  }

  @Test func `a batch with rows unanswered is compared by the answer`() {
    #expect(
      BatchHeadline(data(answered: 250, spent: 0.75)).savings
        == "Each answer cost 50.0 % more than with the best offer alone ($0.003 instead of $0.002), "
        + "at quality 0.8000 against 0.9000.")
  }

  @Test func `nothing is compared where a side is unknown`() {
    var unknown = data(answered: 1000, spent: 0.5)
    unknown.reached = nil
    #expect(BatchHeadline(unknown).savings == nil)
    for index in [nil, -1, 2] as [Int?] {
      unknown = data(answered: 1000, spent: 0.5)
      unknown.bestOfferOnly = index
      #expect(BatchHeadline(unknown).savings == nil)
    }
    unknown = data(answered: 1000, spent: 0.5)
    unknown.alternatives[1].cost = .nan
    #expect(BatchHeadline(unknown).savings == nil)
  }
}
