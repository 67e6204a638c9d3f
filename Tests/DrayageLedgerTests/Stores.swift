import DrayageCore
import Foundation
import Testing

@testable import DrayageLedger

/// Every test of this suite is run on every store there is.
@Suite(.postgres) struct Stores {
  @Test(
    .enabled(
      if: PostgresCluster.programs != nil,
      "initdb is neither in PATH nor in /usr/lib/postgresql/*/bin: the suites run on SQLite alone"))
  func `PostgreSQL takes part`() throws {
    #expect(StoreKind.available.contains(.postgres))
  }
}

/// The stores that the suites are run on.
enum StoreKind: String, CaseIterable, Codable, Sendable {
  case sqlite, postgres

  static let available = allCases.filter { $0 == .sqlite || PostgresCluster.programs != nil }
}

/// An empty store that can be opened several times.
struct StorePlace: Codable, Sendable {
  let kind: StoreKind
  /// A path or an address.
  let address: String

  /// Opens the store, as another process would.
  func open(patience: Int = 30) async throws -> DurableLedger {
    switch kind {
    case .sqlite: try await DurableLedger.sqlite(at: address, patience: patience)
    case .postgres: try await DurableLedger.postgres(address, patience: patience)
    }
  }

  /// Does `body` with an empty store of `kind`, and removes it.
  static func with(_ kind: StoreKind, _ body: (StorePlace) async throws -> Void) async throws {
    switch kind {
    case .sqlite:
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      try await body(
        StorePlace(kind: kind, address: folder.appendingPathComponent("ledger.sqlite").path))
    case .postgres:
      let cluster = try #require(PostgresCluster.shared)
      try await body(StorePlace(kind: kind, address: try cluster.address()))
    }
  }
}

/// Does `body` with an empty, open store of `kind`.
func withStore(_ kind: StoreKind, _ body: (DurableLedger) async throws -> Void) async throws {
  try await StorePlace.with(kind) { place async throws in
    let store = try await place.open()
    do {
      try await body(store)
    } catch {
      await store.close()
      throw error
    }
    await store.close()
  }
}

func nano(_ amount: Int64) -> Money { Money(nanodollars: amount) }

func key(_ request: String, _ ordinal: Int = 1, run: String = "run") -> ReservationKey {
  ReservationKey(run: run, attempt: AttemptID(request: request, ordinal: ordinal))
}

/// 2026-11-22T12:00:00Z.
let noon = UTCInstant(secondsSince1970: 1_795_348_800)

extension DurableLedger {
  /// Reserves without saying more than a test is about.
  func reserve(
    _ amount: Int64, _ key: ReservationKey, spending: Spending = Spending(workload: "w", provider: "p"),
    at time: UTCInstant = noon
  ) async throws -> ReservationAnswer {
    try await reserve(ReservationRequest(key: key, ceiling: nano(amount), spending: spending), at: time)
  }

  /// What is spent and held of each budget at `time`, in nano-dollars.
  func state(at time: UTCInstant = noon) async throws -> [String: [Int64]] {
    let accounts = try await accounts(at: time)
    return Dictionary(
      uniqueKeysWithValues: accounts.map {
        ($0.budget.name, [$0.spent.nanodollars, $0.held.nanodollars])
      })
  }
}
