import Foundation

/// A TLS server with a certificate of its own making, by the `openssl` command, which these tests require.
final class OpenSSLServer {
  let port: Int
  /// The certificate, which is its own authority.
  let certificateFile: String
  private let folder: URL
  private let server: Command

  /// A server whose certificate is for `name`, such as `IP:127.0.0.1`.
  init(certifying name: String) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("drayage-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    certificateFile = folder.appendingPathComponent("certificate.pem").path
    let keyFile = folder.appendingPathComponent("key.pem").path
    let generator = try Command([
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
      "2",
      "-subj", "/CN=drayage", "-addext", "subjectAltName=\(name)", "-keyout", keyFile, "-out",
      certificateFile,
    ])
    while generator.readLine() != nil {}
    server = try Command([
      "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-key", keyFile, "-cert", certificateFile,
    ])
    // It says "ACCEPT 127.0.0.1:<port>" once it listens.
    var found: Int?
    while found == nil {
      guard let line = server.readLine() else { throw SocketError(code: 0) }
      guard line.hasPrefix("ACCEPT") else { continue }
      found = line.split(separator: ":").last.flatMap { Int($0) }
    }
    port = found ?? 0
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}

/// A child process whose output is read, and which is killed at the latest when this is released.
///
/// It inherits no socket of the tests: one held open by it would never look closed to a peer.
private final class Command {
  private let child: pid_t
  private let output: UnsafeMutablePointer<FILE>

  init(_ words: [String]) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0, let output = fdopen(ends[0], "r") else { throw SocketError(code: errno) }
    self.output = output
    var actions = newFileActions()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = newSpawnAttributes()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    #if canImport(Darwin)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_CLOEXEC_DEFAULT))
    #else
      for descriptor in 3..<min(4096, getdtablesize()) {
        posix_spawn_file_actions_addclose(&actions, descriptor)
      }
    #endif
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, words[0], &actions, &attributes, &arguments, environ)
    close(ends[1])
    guard code == 0 else {
      fclose(output)
      throw SocketError(code: code)
    }
    self.child = child
  }

  deinit {
    kill(child, SIGKILL)
    var status: Int32 = 0
    waitpid(child, &status, 0)
    fclose(output)
  }

  /// The next line it writes, without its end; nil once there are no more.
  func readLine() -> String? {
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    guard getline(&line, &capacity, output) > 0, let line else { return nil }
    return String(cString: line).trimmingCharacters(in: .newlines)
  }
}

#if canImport(Darwin)
  private func newFileActions() -> posix_spawn_file_actions_t? { nil }
  private func newSpawnAttributes() -> posix_spawnattr_t? { nil }
#else
  private func newFileActions() -> posix_spawn_file_actions_t { posix_spawn_file_actions_t() }
  private func newSpawnAttributes() -> posix_spawnattr_t { posix_spawnattr_t() }
#endif
