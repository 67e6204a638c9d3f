import Foundation
import Testing

@testable import DrayageLedger

/// A PostgreSQL server of the tests' own, on a Unix socket in a folder of its own.
final class PostgresCluster: Sendable {
  /// The server that the suites share, while they run.
  @TaskLocal static var shared: PostgresCluster?

  /// Where `initdb` and `pg_ctl` are; nil if they are nowhere, or may not be run by this user.
  static let programs: String? = {
    let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let installed = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: installed)) ?? []
    let folders = versions.sorted(by: >).map { "\(installed)/\($0)/bin" } + paths
    guard geteuid() != 0 || getpwnam("postgres") != nil else { return nil }
    return folders.first { folder in
      ["initdb", "pg_ctl", "postgres"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
      }
    }
  }()

  let folder: String
  private let programs: String

  /// Makes a server and starts it.
  init() throws {
    programs = try #require(Self.programs)
    var template = Array("/tmp/drayage-pg-XXXXXX".utf8CString)
    folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    if geteuid() == 0, let user = getpwnam("postgres") {
      #expect(chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) == 0)
    }
    try run("\(programs)/initdb -D \(folder)/data -A trust -U postgres -E UTF8 --locale=C --no-sync")
    try start()
  }

  func start() throws {
    try run(
      "\(programs)/pg_ctl -D \(folder)/data -l \(folder)/log -w -o \"-k \(folder) -c listen_addresses='' "
        + "-c max_connections=200\" start")
  }

  /// `immediate` is a crash: the server does not get to write anything.
  func stop(_ mode: String = "immediate") throws {
    try run("\(programs)/pg_ctl -D \(folder)/data -m \(mode) -w stop")
  }

  /// Stops the server and removes its files.
  func remove() {
    try? stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The address of an empty schema.
  func address() throws -> String {
    let schema = "t" + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
    let base = "host=\(folder) user=postgres dbname=postgres"
    let deadline = ContinuousClock.now + .seconds(60)
    let connection = try PostgresConnection(base, until: deadline)
    try connection.send(sql: "CREATE SCHEMA \(schema)")
    _ = try connection.receive(until: deadline)
    return base + " options='-c search_path=\(schema)'"
  }

  /// Runs a command; as another user if this one is root, for whom PostgreSQL does not work.
  private func run(_ command: String) throws {
    // Foundation's `Process` waits until every descendant has gone, and a server is one.
    let line = "cd / && \(command) > /dev/null 2>&1 < /dev/null"
    let words =
      geteuid() == 0 ? ["/bin/su", "postgres", "-s", "/bin/sh", "-c", line] : ["/bin/sh", "-c", line]
    let arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    // Whatever other tests have open is none of a server's business, and counts against what it may open.
    for descriptor in Int32(3)..<65_536 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var child = pid_t()
    try #require(posix_spawn(&child, words[0], nil, nil, arguments, environ) == 0, "\(words[0])")
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    try #require(status == 0, "\(command)")
  }
}

/// Starts one server for a suite and everything in it.
struct WithPostgres: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
  ) async throws {
    guard PostgresCluster.programs != nil else { return try await body() }
    let cluster = try PostgresCluster()
    defer { cluster.remove() }
    try await PostgresCluster.$shared.withValue(cluster) { try await body() }
  }
}

extension Trait where Self == WithPostgres {
  static var postgres: Self { WithPostgres() }
}
