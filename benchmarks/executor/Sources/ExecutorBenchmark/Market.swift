import Drayage
import DrayageCore
import DrayageExecution

/// Sellers of one model, all at the same address, and a router between them with a budget.
enum Market {
  /// The executor of a router between two sellers.
  ///
  /// - Parameter url: what `/chat/completions` is appended to.
  static func executor(at url: String, over transport: any Transport) throws -> Executor {
    let (router, catalog) = try router(sellers: 2)
    return try Executor(
      router: router, catalog: catalog, baseURLs: [url], environment: [:], transport: transport)
  }

  /// A router between so many sellers, each dearer than the one before, and their catalog.
  static func router(sellers: Int) throws -> (Router, Catalog) {
    let catalog = try CatalogLoader.load(
      files: (0..<sellers).map { prices(of: "seller\($0)", input: "\($0 + 2)") })
    let table = """
      query_id,dataset,bench|score,bench|in_tok,bench|out_tok,bench|cost_usd
      one,chat,1,20,2,0.0001

      """
    let profile = try TableProfile(ScoredTable(bytes: Array(table.utf8), file: "table.csv"))
    let offers = catalog.offers.map(\.id.description)
    let book = PriceBook(
      unit: .dollars, offers: offers, workloads: [Request.defaultWorkload],
      weights: offers.map { _ in PriceBook.Weights(cost: 1) }, shares: offers.map { _ in 0 }, tieTolerance: 0)
    let router = try Router(
      book: book, catalog: catalog, estimator: Estimator(profile: profile),
      budget: try Money(decimal: "1000000"))
    return (router, catalog)
  }

  /// What is asked, the same as by the other clients.
  static var request: ChatRequest {
    ChatRequest(
      [.system("Answer in one word."), .user("Is the sky blue on a clear day?")], maxOutputTokens: 64)
  }

  private static func prices(of provider: String, input: String) -> CatalogSource {
    CatalogSource(
      name: "\(provider).json",
      text: """
        {
          "format": "pricing/1", "provider": "\(provider)", "currency": "USD", "unit": "Mtok",
          "as_of": "2026-11-21", "note": "Invented.",
          "api": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:1/v1"},
          "sources": {"none": "benchmarks/executor/README.md"},
          "offers": [
            {"id": "bench", "model": "bench", "limits": {"context": 131072, "output": 16384},
             "rates": [
               {"from": null, "source": "none", "checked": "2026-11-21", "base": {"in": "\(input)", "out": "6"}}
             ]}
          ]
        }
        """)
  }
}
