/// How many ledger calls ``together(_:_:)`` makes at a time; they are committed together.
let callsAtOnce = 64

/// Runs `body` for each element, several at a time.
func together<Element: Sendable>(
  _ elements: some Collection<Element> & Sendable, _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    for (count, element) in elements.enumerated() {
      if count >= callsAtOnce { try await group.next() }
      group.addTask { try await body(element) }
    }
    try await group.waitForAll()
  }
}
