import Foundation

/// The built `drayage`, under way as a process of its own.
///
/// Whatever happens it ends: it is killed after `limit` seconds, and when this object goes.
///
/// `@unchecked Sendable`: `ended` is reached under `lock`, and the process only before it is shared.
final class RunningProgram: @unchecked Sendable {
  private struct Missing: Error, CustomStringConvertible {
    let description = "there is no built drayage beside the tests; build it first"
  }

  private let process = Process()
  private let output = Drain()
  private let errors = Drain()
  private let lock = NSLock()
  private var ended: Execution.Ending?

  /// Starts the program in `folder`.
  ///
  /// - Parameters:
  ///   - environment: what it finds beside the path and the home folder.
  ///   - kilobytes: the most that any file of it may have, as on a disk that is full beyond that.
  ///   - limit: seconds after which it is killed; a guard, nothing waits for it.
  init(
    _ arguments: [String], in folder: Scratch, environment: [String: String] = [:], kilobytes: Int? = nil,
    limit: Double = 100
  ) throws {
    guard let executable = Self.executable else { throw Missing() }
    process.executableURL = executable
    process.arguments = arguments
    if let kilobytes {
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      // The thread sanitizer maps a file of 512 KiB where it finds a folder for it, and crashes if that is cut off.
      let script = #"export TEST_TMPDIR=/nonexistent; trap "" XFSZ; ulimit -f \#(kilobytes); exec "$0" "$@""#
      process.arguments = ["-c", script, executable.path] + arguments
    }
    process.currentDirectoryURL = folder.url
    process.environment = Self.inherited.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output.pipe
    process.standardError = errors.pipe
    process.terminationHandler = { [weak self] process in
      let status = process.terminationStatus
      self?.end(process.terminationReason == .exit ? .exit(status) : .signal(status))
    }
    try process.run()
    try output.pipe.fileHandleForWriting.close()
    try errors.pipe.fileHandleForWriting.close()
    output.start()
    errors.start()
    // A sanitizer makes everything several times as slow.
    let isWatched = Self.inherited.keys.contains { $0.hasSuffix("SAN_OPTIONS") }
    DispatchQueue.global().asyncAfter(deadline: .now() + limit * (isWatched ? 10 : 1)) { [weak self] in
      self?.send(SIGKILL)
    }
  }

  deinit { send(SIGKILL) }

  /// What it has said on standard error so far.
  var said: String { errors.text }

  /// Whether the process is over.
  var hasEnded: Bool { lock.withLock { ended != nil } }

  /// Sends a signal, unless the process is over.
  func send(_ signal: Int32) {
    lock.withLock { if ended == nil { _ = kill(process.processIdentifier, signal) } }
  }

  /// Waits for the end.
  func finish() async throws -> Execution {
    while true {
      if let ending = lock.withLock({ ended }), output.isAtEnd, errors.isAtEnd {
        return Execution(ending: ending, output: output.text, errors: errors.text)
      }
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  /// Waits until `condition` holds, or the process is over: then whether it holds at last.
  func until(_ condition: () async throws -> Bool) async throws -> Bool {
    while true {
      if try await condition() { return true }
      if hasEnded { return try await condition() }
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  /// Kills it once the file at `path` has more than `bytes`, on a thread of its own that no other test delays.
  func killWhen(fileAt path: String, exceeds bytes: Int) {
    Thread.detachNewThread { [self] in
      var status = stat()
      while !hasEnded {
        if stat(path, &status) == 0, Int(status.st_size) > bytes {
          send(SIGKILL)
          return
        }
        usleep(200)
      }
    }
  }

  private func end(_ ending: Execution.Ending) { lock.withLock { ended = ending } }

  /// Nothing of the caller's secrets, proxies or settings.
  private static let inherited: [String: String] = {
    let kept: Set = ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR", "ASAN_OPTIONS", "TSAN_OPTIONS"]
    var environment = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }
    environment["SWIFT_BACKTRACE"] = "enable=no"
    return environment
  }()

  /// Beside the test bundle, or some folders above it.
  private static let executable: URL? = {
    let arguments = ProcessInfo.processInfo.arguments
    var places = arguments.prefix(1).map { $0 } + Bundle.allBundles.map(\.bundlePath)
    if let at = arguments.firstIndex(of: "--test-bundle-path"), at + 1 < arguments.count {
      places.append(arguments[at + 1])
    }
    for place in places {
      var folder = URL(fileURLWithPath: place).resolvingSymlinksInPath()
      for _ in 0..<5 {
        folder.deleteLastPathComponent()
        let candidate = folder.appendingPathComponent("drayage")
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder),
          !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: candidate.path)
        {
          return candidate
        }
      }
    }
    return nil
  }()
}

/// How a run of the program ended, and all it said.
struct Execution {
  enum Ending: Equatable {
    case exit(Int32)
    case signal(Int32)
  }

  let ending: Ending
  let output: String
  let errors: String

  /// The first line of standard error.
  var firstError: String { String(errors.prefix { $0 != "\n" }) }
}
