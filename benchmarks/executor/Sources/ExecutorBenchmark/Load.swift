import ArgumentParser
import AsyncHTTPClient
import DrayageExecution

/// Asks at a given concurrency for a while, and prints CPU time per request and latency.
struct Load: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Asks at a given concurrency for a while, and prints CPU time per request and latency.")

  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case transport
    case transportStream = "transport-stream"
    case executor
    case executorStream = "executor-stream"
    case executorAlone = "executor-alone"
    case asyncHTTPClient = "async-http-client"
  }

  @Argument(help: "The client.")
  var kind: Kind

  @Argument(help: "What /chat/completions is appended to.")
  var url: String

  @Option(help: "The requests under way at a time.")
  var concurrency = 64

  @Flag(help: "Ask from the transport's thread; for the transport and the executor.")
  var inside = false

  @Option(help: "How long to measure.")
  var seconds = 2.0

  /// What is printed.
  struct Figures: Codable {
    let requests: Int
    let seconds: Double
    /// User and system time of this process per request.
    let cpuMicroseconds: Double
    /// Microseconds from asking to the answer that half, and 99 in 100, of the requests keep within.
    let p50: Double
    let p99: Double
    let peakMegabytes: Double
  }

  func validate() throws {
    guard concurrency >= 1, concurrency <= 10_000 else {
      throw ValidationError("--concurrency must be from 1 to 10000")
    }
    guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds must be above 0, to 3600") }
  }

  func run() async throws {
    Resources.raiseDescriptorLimit()
    let transport = CurlTransport(
      .init(usesProxyOfEnvironment: false, maxConnectionsPerHost: concurrency, maxConnections: concurrency))
    switch kind {
    case .transport, .transportStream:
      let streams = kind == .transportStream
      try await measure(
        TransportClient(
          transport: transport, request: Body.request(to: url, streams: streams), streams: streams),
        on: inside ? transport.taskExecutor : nil)
    case .executor, .executorStream:
      let executor = try Market.executor(at: url, over: transport)
      try await measure(
        ExecutorClient(executor: executor, streams: kind == .executorStream),
        on: inside ? transport.taskExecutor : nil)
    case .executorAlone:
      let executor = try Market.executor(at: url, over: ReadyTransport())
      try await measure(ExecutorClient(executor: executor, streams: false))
    case .asyncHTTPClient:
      var configuration = HTTPClient.Configuration()
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = concurrency
      let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
      try await measure(AsyncHTTPClientClient(client: client, url: url))
      try await client.shutdown()
    }
  }

  private func measure(_ client: any Client, on executor: (any TaskExecutor)? = nil) async throws {
    try await withTaskExecutorPreference(executor) { try await measure(client) }
  }

  private func measure(_ client: any Client) async throws {
    // What comes before every connection has answered a few times is not counted.
    let first = 2 + 200 / concurrency
    _ = try await ask(client) { count, _ in count < first }
    let started = Resources.now
    let end = started + seconds
    let used = Resources.cpuSeconds
    var latencies = try await ask(client) { _, now in now < end }
    let cpu = Resources.cpuSeconds - used
    let passed = Resources.now - started
    latencies.sort()
    let figures = Figures(
      requests: latencies.count, seconds: passed, cpuMicroseconds: 1e6 * cpu / Double(latencies.count),
      p50: Double(latencies[latencies.count / 2]), p99: Double(latencies[latencies.count * 99 / 100]),
      peakMegabytes: Resources.peakMegabytes)
    print(try figures.json)
  }

  /// Asks from as many tasks as the concurrency says, each as long as `goesOn` by its count and the time.
  ///
  /// - Returns: the latencies in microseconds.
  private func ask(
    _ client: any Client, while goesOn: @escaping @Sendable (Int, Double) -> Bool
  ) async throws -> [Float] {
    try await withThrowingTaskGroup(of: [Float].self) { group in
      for _ in 0..<concurrency {
        group.addTask {
          var latencies: [Float] = []
          var now = Resources.now
          while goesOn(latencies.count, now) {
            let asked = now
            try await client.ask()
            now = Resources.now
            latencies.append(Float(1e6 * (now - asked)))
          }
          return latencies
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }
}
