import Drayage
import DrayageCore
import Testing

@testable import DrayageCLI

@Suite struct TariffBillingTests {
  private func billing(rules: String) throws -> TariffBilling {
    let catalog = try CatalogLoader.load(files: [
      CatalogSource(
        name: "north.json",
        text: """
          {"format": "pricing/1", "provider": "north", "currency": "USD", "unit": "Mtok",
           "api": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:9/v1"},
           "offers": [{"id": "m", "model": "m", "limits": {"context": 1000},
             "rates": [{"base": {"in": "1", "out": "4"}, "rules": [\(rules)]}]}]}
          """)
    ])
    return try TariffBilling(catalog, models: ["m"], at: .now)
  }

  @Test func `a batch is billed at its own tariff, and at the live one where there is none`() throws {
    let usage = TokenUsage(input: 10, output: 5)
    let sold = try billing(
      rules: #"{"group": "service", "when": {"service": "batch"}, "mul": "0.5", "units": ["out"]}"#)
    #expect(sold.price("m", usage).nanodollars == 30_000)
    #expect(sold.batchPrice("m", usage).nanodollars == 20_000)
    #expect(try billing(rules: "").batchPrice("m", usage).nanodollars == 30_000)
  }
}
