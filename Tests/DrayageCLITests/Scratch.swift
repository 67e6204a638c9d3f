import Foundation

/// A folder for one test, removed at its end.
final class Scratch: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("drayage-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Runs the program in this folder to its end.
  func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Execution {
    try await RunningProgram(arguments, in: self, environment: environment).finish()
  }

  /// Runs the program in this folder to its end.
  func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Execution {
    try await RunningProgram(arguments, in: self, environment: environment).finish()
  }

  func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

  /// Writes a file, with the folders on its way.
  func write(_ bytes: Data, to name: String) throws {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: file)
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
  }

  /// Bytes of a file; 0 if there is none.
  func size(of name: String) -> Int {
    var status = stat()
    return stat(path(name), &status) == 0 ? Int(status.st_size) : 0
  }

  /// The whole path of a file in this folder.
  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Every file with what it holds, by its path in the folder.
  func files() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: url.path) {
      // A folder has no contents of its own.
      files[path] = (try? Data(contentsOf: url.appendingPathComponent(path))) ?? Data()
    }
    return files
  }
}
