/// Orders fallbacks so that what failed together is not tried together.
package struct FailureDomains: Sendable {
  /// The domain of each position.
  private let domainOf: [Int]
  private let count: Int

  /// - Parameter names: the failure domain of each position, such as the provider of each offer.
  package init(_ names: [String]) {
    var known: [String: Int] = [:]
    domainOf = names.map { name in
      if let domain = known[name] { return domain }
      known[name] = known.count
      return known.count - 1
    }
    count = known.count
  }

  /// The items in their order, except that one of a domain not tried yet always comes before one of a domain that was.
  ///
  /// - Parameters:
  ///   - first: an item that is tried before all of them.
  ///   - position: that of an item; the item itself if left out.
  /// - Complexity: O(m) for m items.
  package func ordered(
    _ items: [Int], after first: Int, at position: (Int) -> Int = { $0 }
  ) -> [Int] {
    guard items.count > 1 else { return items }
    var isTried = Array(repeating: false, count: count)
    isTried[domainOf[position(first)]] = true
    var fresh: [Int] = []
    var rest: [Int] = []
    fresh.reserveCapacity(items.count)
    for item in items {
      let domain = domainOf[position(item)]
      if isTried[domain] { rest.append(item) } else { fresh.append(item) }
      isTried[domain] = true
    }
    return fresh + rest
  }
}
