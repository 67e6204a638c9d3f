import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageExecution

/// Which offers are reached, where and with which secret.
struct TargetSelectionTests {
  private static let prices = ["acme", "bolt", "core"].map { provider in
    let api =
      switch provider {
      case "acme":
        #""api": {"dialect": "openai-chat", "base_url": "https://acme.test/v1", "key": "ACME_KEY"},"#
      case "bolt": #""api": {"dialect": "openai-chat"},"#
      default: ""
      }
    return CatalogSource(
      name: "\(provider).json",
      text: """
        {"format": "pricing/1", "provider": "\(provider)", "currency": "USD", "unit": "Mtok", \(api)
         "offers": [{"id": "m", "model": "m", "rates": [{"base": {"in": "1", "out": "2"},
           "rules": [{"group": "service", "when": {"service": "batch"}, "mul": "0.5"},
                     {"group": "service", "when": {"service": "flex"}, "mul": "0.5"}]}]}]}
        """)
  }

  private func select(
    _ baseURLs: [String] = [], offers: [String]? = nil, environment: [String: String] = [:]
  ) throws -> (targets: [String: Target], unreachable: [String: String]) {
    let selection = try TargetSelection(
      catalog: try CatalogLoader.load(files: Self.prices), offers: offers, baseURLs: baseURLs,
      environment: environment)
    let (targets, unreachable) = try selection.targets()
    return (
      Dictionary(uniqueKeysWithValues: targets.map { ($0.offer.id.description, $0) }),
      Dictionary(uniqueKeysWithValues: unreachable.map { ($0.0.description, "\($0.1)") })
    )
  }

  @Test func theCatalogSaysWhere() throws {
    let (targets, unreachable) = try select(environment: ["ACME_KEY": "k"])
    #expect(Set(targets.keys) == ["acme/m", "acme/m@flex"])
    #expect(targets["acme/m"]?.baseURL == "https://acme.test/v1" && targets["acme/m"]?.key == "k")
    #expect(unreachable["acme/m@batch"]?.contains("batch") == true)
    #expect(unreachable["bolt/m"]?.contains("bolt=URL") == true)
    #expect(unreachable["core/m"]?.contains("\"api\"") == true)
  }

  @Test func aMissingOrEmptyKeyIsNamed() throws {
    for environment in [[:], ["ACME_KEY": ""], ["acme_key": "k"]] {
      let (targets, unreachable) = try select(environment: environment)
      #expect(targets.isEmpty && unreachable["acme/m"]?.contains("ACME_KEY") == true)
    }
  }

  @Test func addressesOverrideTheCatalog() throws {
    let (targets, _) = try select(["http://all.test/v1?a=b", "bolt=http://bolt.test/v1"])
    #expect(targets["acme/m"]?.baseURL == "http://all.test/v1?a=b" && targets["acme/m"]?.key == nil)
    #expect(targets["bolt/m"]?.baseURL == "http://bolt.test/v1")
    #expect(targets["core/m"] == nil)
    #expect(try select(["bolt=http://one", "bolt=http://two"]).targets["bolt/m"]?.baseURL == "http://two")
    // A misspelt provider's requests would go elsewhere.
    let error = #expect(throws: AddressError.self) { try select(["bol=http://one"]) }
    #expect(error?.description.contains("did you mean 'bolt'") == true)
  }

  @Test func onlyTheOffersNamedAreTaken() throws {
    let (targets, unreachable) = try select(["http://all.test"], offers: ["bolt/m"])
    #expect(Set(targets.keys) == ["bolt/m"] && unreachable.isEmpty)
    let error = #expect(throws: CatalogError.self) { try select(offers: ["bolt/n"]) }
    #expect(error?.code == .unknownOffer)
  }

  /// Every offer that ships has a wire format with a place for its effort and its service.
  @Test func `whatever ships can be asked, given its key and address`() throws {
    let catalog = try CatalogLoader.load(files: CatalogLoader.bundled)
    let endpoints = catalog.offers.compactMap(\.endpoint)
    let keys = Dictionary(
      endpoints.compactMap(\.keyEnvironment).map { ($0, "key") },
      uniquingKeysWith: { first, _ in first })
    // Addresses of one's own stand for those that differ from customer to customer.
    let own = Set(catalog.offers.filter { $0.endpoint?.baseURL == nil }.map(\.provider))
    let (targets, unreachable) = try TargetSelection(
      catalog: catalog, offers: nil, baseURLs: own.map { "\($0)=https://own.test/v1" }, environment: keys
    ).targets()
    let live = catalog.offers.filter(\.answersLiveRequests)
    #expect(live.count > 500 && Set(targets.map(\.offer.id)) == Set(live.map(\.id)))
    for (offer, rejection) in unreachable {
      #expect(rejection == .notLive(service: offer.service), "\(offer): \(rejection)")
    }
    // Jobs of the batch interfaces that are spoken, and no others.
    let jobs = try TargetSelection(
      catalog: catalog, offers: nil, takesJobs: true, baseURLs: own.map { "\($0)=https://own.test/v1" },
      environment: keys
    ).targets().targets.filter(\.takesJobs)
    #expect(Set(jobs.map(\.offer.provider)) == ["openai", "anthropic"])
  }

  @Test func secretsAreNotShown() throws {
    let environment = ["ACME_KEY": secret]
    let selection = try TargetSelection(
      catalog: try CatalogLoader.load(files: Self.prices), offers: nil, baseURLs: [], environment: environment
    )
    expectNoSecret(in: selection)
    let target = try #require(try select(environment: environment).targets["acme/m"])
    #expect(target.key == secret)
    expectNoSecret(in: target)
  }
}
