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

  /// The positions in their order, except that one of a domain not tried yet always comes before one of a domain
  /// that was.
  ///
  /// - Parameter first: a position that is tried before all of them.
  /// - Complexity: O(m) for m positions.
  package func ordered(_ positions: [Int], after first: Int) -> [Int] {
    guard positions.count > 1 else { return positions }
    var isTried = Array(repeating: false, count: count)
    isTried[domainOf[first]] = true
    var fresh: [Int] = []
    var rest: [Int] = []
    fresh.reserveCapacity(positions.count)
    for position in positions {
      let domain = domainOf[position]
      if isTried[domain] { rest.append(position) } else { fresh.append(position) }
      isTried[domain] = true
    }
    return fresh + rest
  }
}
