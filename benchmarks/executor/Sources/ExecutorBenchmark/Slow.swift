import ArgumentParser
import DrayageExecution
import Synchronization

/// Keeps many streams open that say something once a second, and prints memory per stream and CPU per piece.
struct Slow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keeps many streams open that say something once a second; prints memory and CPU time.")

  @Argument(help: "The server's address, without a path.")
  var url: String

  @Option(help: "The number of streams.")
  var streams = 10_000

  @Option(help: "How long to measure once all are open.")
  var seconds = 10.0

  /// What is printed.
  struct Figures: Codable {
    let streams: Int
    /// Seconds until every stream had its header.
    let openSeconds: Double
    /// Memory that the process holds per stream, what it held before excluded.
    let bytesPerStream: Double
    let pieces: Int
    let piecesPerSecond: Double
    /// User and system time of this process per piece.
    let cpuMicroseconds: Double
  }

  func validate() throws {
    guard streams >= 1, streams <= 30_000 else { throw ValidationError("--streams must be from 1 to 30000") }
    guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds must be above 0, to 3600") }
  }

  func run() async throws {
    Resources.raiseDescriptorLimit()
    let transport = CurlTransport(
      .init(usesProxyOfEnvironment: false, maxConnectionsPerHost: streams, maxConnections: streams))
    let fast = Body.request(to: url + "/v1", streams: false)
    _ = try await transport.send(fast)
    let before = Resources.residentBytes
    let started = ContinuousClock.now
    let opened = Count()
    let pieces = Count()
    var request = Body.request(to: url + "/v1/slow", streams: true)
    // Opening them all takes the server and this thread longer than one stream may take.
    request.timeouts = .init(connect: .seconds(60))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<streams {
        group.addTask { [request] in
          let stream = try await transport.open(request)
          opened.add()
          while try await stream.next() != nil { pieces.add() }
        }
      }
      while opened.value < streams { try await Task.sleep(for: .milliseconds(20)) }
      let open = started.duration(to: .now) / .seconds(1)
      // A few pieces each, so that every buffer has its size.
      try await Task.sleep(for: .seconds(3))
      let (first, used, from) = (pieces.value, Resources.cpuSeconds, ContinuousClock.now)
      try await Task.sleep(for: .seconds(seconds))
      let (count, cpu) = (pieces.value - first, Resources.cpuSeconds - used)
      let passed = from.duration(to: .now) / .seconds(1)
      let figures = Figures(
        streams: streams, openSeconds: open,
        bytesPerStream: (Resources.residentBytes - before) / Double(streams), pieces: count,
        piecesPerSecond: Double(count) / passed, cpuMicroseconds: 1e6 * cpu / Double(count))
      print(try figures.json)
      group.cancelAll()
      // They end as cancelled.
      while let result = await group.nextResult() { _ = result }
    }
  }
}

/// A number that many tasks count up.
final class Count: Sendable {
  private let number = Atomic(0)

  var value: Int { number.load(ordering: .relaxed) }
  func add() { number.wrappingAdd(1, ordering: .relaxed) }
}
