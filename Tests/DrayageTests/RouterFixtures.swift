import DrayageCore

@testable import Drayage

/// Four offers of three providers, what they did on three queries, and books that rank them as asked.
enum RouterFixtures {
  /// Within the sheets of every offer.
  static let instant = UTCInstant(secondsSince1970: 1_790_000_000)
  /// When `core/mini` has no price any more.
  static let later = UTCInstant(secondsSince1970: 1_800_000_000)

  /// The models of the table, in the order of books.
  static let models = ["acme/small", "acme/large", "bolt/mid", "core/mini"]

  static func catalog() throws -> Catalog {
    try CatalogLoader.load(files: [
      file(
        "acme",
        """
        {"id": "small", "model": "small", "limits": {"context": 2000},
         "rates": [{"from": "2026-01-01", "source": "price", "base": {"in": "1", "out": "2"},
                    "rules": [{"group": "service", "when": {"service": "batch"}, "mul": "0.5"}]}]},
        {"id": "large", "model": "large", "limits": {"context": 3000}, "caps": ["tools"],
         "rates": [{"from": "2026-01-01", "source": "price", "base": {"in": "10", "out": "20"}}]}
        """),
      file(
        "bolt",
        """
        {"id": "mid", "model": "mid", "limits": {"context": 2000},
         "rates": [{"from": "2026-01-01", "source": "price", "base": {"in": "2", "out": "4"}}]}
        """),
      file(
        "core",
        """
        {"id": "mini", "model": "mini", "caps": ["tools"],
         "rates": [{"from": "2026-01-01", "until": "2026-12-01", "source": "price",
                    "base": {"in": "0.5", "out": "1"}}]}
        """),
    ])
  }

  private static func file(_ provider: String, _ offers: String) -> CatalogSource {
    CatalogSource(
      name: "\(provider).json",
      text: """
        {"format": "pricing/1", "provider": "\(provider)", "currency": "USD", "unit": "Mtok",
         "as_of": "2026-11-01",
         "api": {"dialect": "openai-chat", "base_url": "https://api.\(provider).test/v1", "key": "KEY"},
         "sources": {"price": "https://\(provider).test/prices"}, "offers": [\(offers)]}
        """)
  }

  static func table() throws -> ScoredTable {
    let cells = models.flatMap { ["\($0)|score", "\($0)|cost_usd", "\($0)|out_tok"] }
    let text = """
      query_id,dataset,input_tokens,\(cells.joined(separator: ","))
      m1,math,1000,0.4,0.0014,200,0.9,0.014,200,0.7,0.0028,200,0.2,0.0007,200
      m2,math,1000,0.6,0.0016,300,0.9,0.016,300,0.7,0.0032,300,0.4,0.0008,300
      c1,code,1000,0.2,0.0012,100,1,0.012,100,0.8,0.0024,100,,,

      """
    return try ScoredTable(bytes: Array(text.utf8), file: "scores.csv")
  }

  /// A book of the workloads `math` and `code` that adds the same score to every request of an offer, in dollars.
  static func book(scores: [Double], shares: [Double]? = nil) -> PriceBook {
    let weights = scores.map { PriceBook.Weights(request: $0) }
    let shares = shares ?? scores.map { _ in 0 }
    return PriceBook(
      unit: .dollars, offers: models, workloads: ["math", "code"], weights: weights + weights,
      shares: shares + shares, tieTolerance: 1e-9)
  }

  static func state(
    scores: [Double] = [1, 2, 3, 4], shares: [Double]? = nil, budget: Int64? = nil
  ) throws -> RouterState {
    try RouterState(
      book: book(scores: scores, shares: shares), catalog: catalog(),
      estimator: Estimator(profile: TableProfile(table())),
      budget: budget.map(Money.init(nanodollars:)))
  }

  /// A request that reserves 2, 20, 4 and 1 thousandths of a dollar at the models, in their order.
  static func request(
    _ id: String? = nil, workload: String = "math", needing capabilities: Set<Capability> = []
  ) -> Request {
    Request(
      id: id, workload: workload, inputTokens: 1_000, maxOutputTokens: 500, capabilities: capabilities)
  }

  /// The plan for all queries of a table.
  static func plan(_ table: ScoredTable, _ specification: PlanSpecification) throws -> Plan {
    let column = table.textColumnNames.first { $0 == "dataset" }
    let answer = try Planner().plan(EstimateTable(table, workloadColumn: column), specification)
    guard case .plan(let plan) = answer else { throw NoPlan() }
    return plan
  }

  /// A router that follows a plan for `table`.
  static func router(_ table: ScoredTable, _ plan: Plan, budget: Int64? = nil) throws -> Router {
    try Router(
      plan: plan, catalog: catalog(), profile: TableProfile(table),
      budget: budget.map(Money.init(nanodollars:)))
  }

  struct NoPlan: Error {}
}
