/// Orders fallbacks so that what failed together is not tried together.
package enum FailureDomains {
  /// The items in their order, except that one of a domain not tried yet always comes before one of a domain that was.
  ///
  /// - Parameters:
  ///   - first: the domain that is tried before all of them.
  ///   - domain: the failure domain of an item, such as its provider.
  /// - Complexity: O(m) for m items.
  package static func ordered<Item>(
    _ items: [Item], after first: String, domain: (Item) -> String
  ) -> [Item] {
    guard items.count > 1 else { return items }
    var tried: Set<String> = [first]
    var fresh: [Item] = []
    var rest: [Item] = []
    for item in items {
      if tried.insert(domain(item)).inserted { fresh.append(item) } else { rest.append(item) }
    }
    return fresh + rest
  }
}
