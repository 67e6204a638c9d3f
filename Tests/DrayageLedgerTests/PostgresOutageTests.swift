import DrayageCore
import Foundation
import Testing

@testable import DrayageLedger

/// What happens while PostgreSQL does not answer.
@Suite(
  "PostgreSQL outages", .enabled(if: PostgresCluster.programs != nil, "there is no PostgreSQL to stop"),
  .postgres, .serialized)
struct PostgresOutages {
  private static func cluster() throws -> PostgresCluster { try #require(PostgresCluster.shared) }

  private static func connect(_ address: String) throws -> PostgresConnection {
    try PostgresConnection(address, until: .now + .seconds(60))
  }

  private static func run(_ sql: String, on connection: PostgresConnection) throws {
    try connection.send(sql: sql)
    _ = try connection.receive(until: .now + .seconds(60))
  }

  /// The code of the error that `body` throws.
  private static func code(_ body: () async throws -> Void) async -> LedgerStoreError.Code? {
    do { try await body() } catch { return (error as? LedgerStoreError)?.code }
    return nil
  }

  @Test func `with the server down nothing is reserved, and with it back everything is as before`()
    async throws
  {
    let cluster = try Self.cluster()
    let address = try cluster.address()
    let patient = try await DurableLedger.postgres(address, patience: 60)
    _ = try await patient.setBudgets([Budget(name: "b", limit: nano(100))])
    #expect(try await patient.reserve(10, key("a")) == .held)
    let store = try await DurableLedger.postgres(address)
    try cluster.stop()
    async let reserving = Self.code { _ = try await store.reserve(10, key("b")) }
    async let settling = Self.code { _ = try await store.settle(key("a"), as: .unknown, at: noon) }
    #expect(await [reserving, settling] == [.unavailable, .unavailable])
    let opening = await #expect(throws: LedgerStoreError.self) {
      try await DurableLedger.postgres(address, patience: 1)
    }
    #expect(opening?.code == .unavailable)
    try cluster.start()
    // A server that has crashed is busy with its recovery at first.
    #expect(try await patient.state() == ["b": [0, 10]])
    #expect(try await store.settle(key("a"), as: .metered(nano(3)), at: noon) == .settled(nano(3)))
    #expect(try await patient.reserve(97, key("b")) == .held)
    await patient.close()
    await store.close()
  }

  @Test(arguments: ["terminate", "crash"])
  func `connections lost at any moment lose nothing and do nothing twice`(how: String) async throws {
    let cluster = try Self.cluster()
    let address = try cluster.address()
    let stores = [
      try await DurableLedger.postgres(address, patience: 120),
      try await DurableLedger.postgres(address, patience: 120),
    ]
    _ = try await stores[0].setBudgets([Budget(name: "b", limit: nano(1_000_000))])
    let jobs = (0..<2_000).map { Job(ordinal: $0, id: "j\($0)", digest: 0) }
    _ = try await stores[0].enqueue(jobs, in: "b", reading: 1, at: noon)
    let (spent, done) = try await withThrowingTaskGroup(of: (Int64, [Int]).self) { group in
      for task in 0..<16 {
        group.addTask {
          let store = stores[task % 2]
          var spent: Int64 = 0
          var done: [Int] = []
          while true {
            let jobs = try await store.claim(
              from: "b", worker: "w\(task)", count: 5, lease: 9, at: noon)
            if jobs.isEmpty { return (spent, done) }
            for job in jobs {
              let key = key(job.id)
              let answer = try await store.reserve(20, key)
              #expect(answer == .held, "\(job.id)")
              let cost = Int64(job.ordinal % 20)
              let isOne = job.ordinal % 3 > 0
              if !isOne {
                let settlement = try await store.settle(key, as: .metered(nano(cost)), at: noon)
                #expect(settlement == .settled(nano(cost)), "\(job.id)")
              }
              let end = try await store.finish(
                job.id, in: "b", with: .answer(job.id),
                settling: isOne ? .init(key, as: .metered(nano(cost))) : nil,
                at: noon)
              #expect(end == (.finished, isOne ? .settled(nano(cost)) : nil), "\(job.id)")
              spent += cost
              done.append(job.ordinal)
            }
          }
        }
      }
      group.addTask {
        for _ in 0..<(how == "crash" ? 2 : 40) {
          if how == "crash" {
            try cluster.stop()
            try cluster.start()
          } else {
            try Self.run(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
              on: try Self.connect(address))
          }
          try await Task.sleep(for: .milliseconds(10))
        }
        return (0, [])
      }
      return try await group.reduce(into: (Int64(0), [Int]())) {
        $0.0 += $1.0
        $0.1 += $1.1
      }
    }
    // A claim whose acknowledgement came too late for its second asking may leave jobs leased.
    let left = try await stores[0].claim(
      from: "b", worker: "last", count: 2_000, lease: 9,
      at: UTCInstant(secondsSince1970: noon.secondsSince1970 + 9))
    #expect(Set(done).count == done.count)
    #expect(Set(done).union(left.map(\.ordinal)) == Set(0..<2_000))
    #expect(try await stores[1].state() == ["b": [spent, 0]])
    let results = try await stores[0].results(of: "b", from: 0, count: 2_000)
    #expect(
      results.map(\.result) == jobs.map { done.contains($0.ordinal) ? Array($0.id.utf8) : nil })
    for store in stores { await store.close() }
  }

  @Test func `a server that takes no connection yet is waited for, and one that never will is not`()
    async throws
  {
    let address = try Self.cluster().address()
    let role = "limited" + UUID().uuidString.prefix(8).lowercased()
    let admin = try Self.connect(address)
    try Self.run("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 1", on: admin)
    try Self.run("GRANT postgres TO \(role)", on: admin)
    let limited = address.replacing("user=postgres", with: "user=\(role)")
    var only: PostgresConnection? = try Self.connect(limited)
    let early = await #expect(throws: LedgerStoreError.self) {
      try await DurableLedger.postgres(limited, patience: 1)
    }
    #expect(early?.code == .unavailable)
    #expect(
      early?.description.contains("too many connections for role") ?? false, "\(String(describing: early))")
    async let opening = DurableLedger.postgres(limited, patience: 60)
    try Self.run("SELECT pg_sleep(0.2)", on: try #require(only))
    only = nil
    let store = try await opening
    #expect(try await store.accounts(at: noon).isEmpty)
    await store.close()
    // What no waiting mends is told at once, and without the server's codes.
    let nowhere = address.replacing("dbname=postgres", with: "dbname=nowhere")
    let error = await #expect(throws: LedgerStoreError.self) {
      try await DurableLedger.postgres(nowhere, patience: 60)
    }
    #expect(error?.code == .unavailable)
    let words = error?.description ?? ""
    #expect(
      words.contains("\"nowhere\" does not exist") && !words.contains("3D000") && !words.contains("LOCATION"))
  }

  @Test func `an account that another process keeps locked is an error, not a wait without end`()
    async throws
  {
    let address = try Self.cluster().address()
    let store = try await DurableLedger.postgres(address)
    _ = try await store.setBudgets([Budget(name: "b", limit: nano(100))])
    #expect(try await store.reserve(10, key("a")) == .held)
    let other = try Self.connect(address)
    try Self.run("BEGIN", on: other)
    try Self.run("SELECT * FROM drayage_account FOR UPDATE", on: other)
    let error = await #expect(throws: LedgerStoreError.self) { try await store.reserve(10, key("b")) }
    #expect(error?.code == .unavailable)
    try Self.run("ROLLBACK", on: other)
    #expect(try await store.reserve(10, key("b")) == .held)
    #expect(try await store.state() == ["b": [0, 20]])
    await store.close()
  }

  @Test func `a ledger of an earlier version is brought up to date`() async throws {
    let address = try Self.cluster().address()
    let old = try await DurableLedger.postgres(address)
    _ = try await old.begin("b", payload: [7], alone: true, at: noon)
    await old.close()
    let connection = try Self.connect(address)
    try Self.run("DROP TABLE drayage_memo", on: connection)
    try Self.run("UPDATE drayage_meta SET value = 1 WHERE name = 'schema'", on: connection)
    let store = try await DurableLedger.postgres(address)
    try await store.keep([1], as: "one", of: "b")
    #expect(try await store.memos(of: "b") == ["one": [1]])
    #expect(try await store.batch(named: "b")?.payload == [7])
    await store.close()
  }

  @Test func `a ledger of a newer version is left alone`() async throws {
    let address = try Self.cluster().address()
    try await DurableLedger.postgres(address).close()
    try Self.run("UPDATE drayage_meta SET value = 99 WHERE name = 'schema'", on: Self.connect(address))
    let error = await #expect(throws: LedgerStoreError.self) { try await DurableLedger.postgres(address) }
    #expect(error?.code == .unusable)
    #expect(error?.message.contains("format 99") == true)
  }

  @Test(
    arguments: [
      "postgresql://u:geheim@localhost:1/d", "host=/nowhere user=u password=geheim dbname=d",
      "postgresql://u:geheim@h:port:x/d", "password=geheim =", "postgresql://u:geheim@[::1/d", "geheim",
      "dbname=postgresql://u:geheim@h/d",
      "dbname='password=geheim'",
    ])
  func `no error shows a password`(address: String) async throws {
    let error = await #expect(throws: LedgerStoreError.self) {
      try await DurableLedger.postgres(address, patience: 1)
    }
    let text = "\(try #require(error))"
    #expect(!text.contains("geheim"), "\(text)")
    #expect(text.hasPrefix("postgresql"), "\(text)")
  }
}
