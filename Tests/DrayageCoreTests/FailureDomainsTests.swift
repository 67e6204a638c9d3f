import DrayageTesting
import DrayageCore
import Testing

@Suite("Failure domains") struct FailureDomainsTests {
  /// The names in order, each a domain's letter and a number, after one of the domain `first`.
  private func ordered(_ names: String, after first: String) -> String {
    let names = names.split(separator: " ").map(String.init)
    let domains = FailureDomains(names.map { String($0.prefix(1)) } + [first])
    return domains.ordered(Array(names.indices), after: names.count).map { names[$0] }.joined(separator: " ")
  }

  @Test(arguments: [
    ("", "a", ""), ("a1", "a", "a1"), ("a1 b1", "a", "b1 a1"), ("a1 a2 b1 b2 c1", "a", "b1 c1 a1 a2 b2"),
    ("b1 a1 b2 c1 a2", "c", "b1 a1 b2 c1 a2"), ("b1 b2 b3 c1", "a", "b1 c1 b2 b3"), ("a1 b1", "z", "a1 b1"),
  ])
  func theNextDomainComesFirst(items: String, first: String, expected: String) {
    #expect(ordered(items, after: first) == expected)
  }

  @Test func keepsEveryItemAndTheOrderWithinBothHalves() {
    for seed in UInt64(0)..<200 {
      var random = SplitMix64(seed: seed)
      let items = (0..<Int.random(in: 0...12, using: &random)).map {
        (place: $0, domain: String(Int.random(in: 0..<5, using: &random)))
      }
      let ordered = FailureDomains(items.map(\.domain) + ["0"])
        .ordered(Array(items.indices), after: items.count).map { items[$0] }
      #expect(ordered.map(\.place).sorted() == items.map(\.place), "seed \(seed)")
      // As many as there are domains besides the first come ahead, each of its own and its best; the rest keep their order.
      let fresh = Set(items.map(\.domain)).subtracting(["0"]).count
      #expect(Set(ordered.prefix(fresh).map(\.domain)).count == fresh, "seed \(seed)")
      for half in [ordered.prefix(fresh), ordered.dropFirst(fresh)] {
        #expect(half.map(\.place) == half.map(\.place).sorted(), "seed \(seed)")
      }
      for item in ordered.prefix(fresh) {
        #expect(item.place == items.first { $0.domain == item.domain }?.place, "seed \(seed)")
        #expect(item.domain != "0", "seed \(seed)")
      }
    }
  }
}
