import Foundation
import Testing

@testable import DrayageSimulation

/// HTTPS with HTTP/2 and HTTP/1.1, spoken to by the `curl` command.
@Suite(.timeLimit(.minutes(5))) struct TLSTests {
  private struct Outcome {
    let code: Int32
    let text: String
    /// Such as `2 200`: the version and the status.
    let reply: String
  }

  private let wire = Wire.chats[0]

  private func withProvider(
    _ change: (inout SimulationOptions) throws -> Void = { _ in },
    _ body: (SimulatedProvider, Certificate) async throws -> Void
  ) async throws {
    let certificate = try Certificate()
    try await Fixtures.withProvider({
      $0.tls = certificate.files
      try change(&$0)
    }) { try await body($0, certificate) }
  }

  private func ask(
    _ provider: SimulatedProvider, _ certificate: Certificate, streams: Bool = false,
    version: String = "--http2"
  ) throws -> Outcome {
    let body = try JSONSerialization.data(withJSONObject: wire.body("slow:1", nil, streams))
    let (code, output) = try Command.run([
      "curl", "-sS", "--cacert", certificate.files.certificate, version, "--max-time", "30", "-H",
      "x-drayage-query: q1", "-d", String(decoding: body, as: UTF8.self), "-w",
      "\n%{http_version} %{response_code}", provider.origin + wire.path,
    ])
    let end = output.lastIndex(of: "\n") ?? output.startIndex
    return Outcome(code: code, text: String(output[..<end]), reply: String(output[end...].dropFirst()))
  }

  @Test(arguments: [("--http2", "2"), ("--http1.1", "1.1")]) func `answers and streams over TLS`(
    option: String, version: String
  ) async throws {
    try await withProvider { provider, certificate in
      let whole = try ask(provider, certificate, version: option)
      #expect((whole.code, whole.reply) == (0, "\(version) 200"))
      let json = try JSONSerialization.jsonObject(with: Data(whole.text.utf8))
      #expect(wire.output(json) == 400)
      let streamed = try ask(provider, certificate, streams: true, version: option)
      #expect((streamed.code, streamed.reply) == (0, "\(version) 200"))
      #expect(wire.streamedText(Data(streamed.text.utf8))?.split(separator: " ").count == 400)
      #expect(provider.ledger().total.answers == 2)
      #expect(provider.ledger().total.open == 0)
    }
  }

  /// The exit codes are curl's: 92 for a stream that was reset, 56 and 18 for a connection that ended.
  @Test(arguments: [
    ("--http2", FaultKind.reset, [92]), ("--http2", .truncated, [92]), ("--http2", .cutReset, [92]),
    ("--http2", .cut, [0]), ("--http2", .stall, [92]), ("--http2", .hang, [92]),
    ("--http2", .serverError, [0]),
    ("--http1.1", .reset, [56]), ("--http1.1", .truncated, [18]), ("--http1.1", .cutReset, [56]),
    ("--http1.1", .cut, [0]), ("--http1.1", .stall, [18]), ("--http1.1", .hang, [52]),
  ]) func `faults break the stream`(option: String, fault: FaultKind, codes: [Int32]) async throws {
    try await withProvider({
      $0.schedule = ["slow:1": [fault]]
      $0.hangLimit = 0.02
    }) { provider, certificate in
      let broken = try ask(provider, certificate, streams: true, version: option)
      #expect(codes.contains(broken.code), "curl says \(broken.code): \(broken.text.suffix(200))")
      let next = try ask(provider, certificate, version: option)
      #expect(next.code == 0)
      #expect(provider.ledger().total.answers == (fault.isBilled ? 2 : 1))
      #expect(provider.ledger().total.aborted == 0)
    }
  }

  @Test func `requests share one connection of HTTP/2`() async throws {
    try await withProvider({ $0.connectionLimit = 1 }) { provider, certificate in
      let body = try JSONSerialization.data(withJSONObject: wire.body("slow:1", nil, true))
      var words = [
        "curl", "-sS", "--cacert", certificate.files.certificate, "--http2", "-Z", "--max-time", "30",
      ]
      words += ["-d", String(decoding: body, as: UTF8.self), "-w", "%{num_connects}\n"]
      for _ in 0..<50 { words += ["-o", "/dev/null", provider.origin + wire.path] }
      let (code, output) = try Command.run(words)
      #expect(code == 0)
      #expect(output.split(separator: "\n").compactMap { Int($0) }.reduce(0, +) == 1)
      #expect(provider.ledger().total.answers == 50)
    }
  }

  @Test func `a client that never begins to speak is sent away`() async throws {
    try await withProvider({ $0.idleLimit = 0.05 }) { provider, _ in
      let response = try WireClient(port: provider.port).response()
      #expect(response.ending == .closed)
    }
  }

  @Test func `a certificate that cannot be used is an error`() async throws {
    let certificate = try Certificate()
    let other = try Certificate()
    let table = try Fixtures.table()
    for files in [
      SimulationOptions.TLSFiles(certificate: "/nonexistent", key: certificate.files.key),
      SimulationOptions.TLSFiles(certificate: certificate.files.certificate, key: "/nonexistent"),
      SimulationOptions.TLSFiles(certificate: certificate.files.key, key: certificate.files.certificate),
      SimulationOptions.TLSFiles(certificate: certificate.files.certificate, key: other.files.key),
    ] {
      var options = SimulationOptions()
      options.tls = files
      let error = await #expect(throws: SimulationError.self) {
        try await SimulatedProvider.start(table: table, options: options)
      }
      #expect(error?.code == .invalidTLS)
    }
  }
}

/// A certificate for this machine that is its own authority, by the `openssl` command.
final class Certificate {
  let files: SimulationOptions.TLSFiles
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "drayage-simulation-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    files = SimulationOptions.TLSFiles(
      certificate: folder.appending(path: "certificate.pem").path, key: folder.appending(path: "key.pem").path
    )
    let (code, output) = try Command.run([
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
      "2",
      "-subj", "/CN=drayage", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files.key, "-out",
      files.certificate,
    ])
    try #require(code == 0, "\(output)")
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}

/// A command run to its end.
enum Command {
  /// Its exit code and what it wrote.
  static func run(_ words: [String]) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let pipe = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
