import Foundation
import Testing

/// Input or arguments that cannot be used, and what is said about them.
struct InputCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var files: [String: Data] = [:]
  let arguments: [String]
  var code: Int32 = 1
  /// All of standard error, or for wrong usage its first line.
  let message: String

  /// A table, planned.
  static func table(
    _ name: String, _ text: String, code: Int32 = 1, _ message: String, _ options: String...
  ) -> InputCase {
    InputCase(
      testDescription: name, files: ["t.csv": Data(text.utf8)], arguments: ["plan", "t.csv"] + options,
      code: code, message: message)
  }

  /// A table that could be served, with an option that cannot.
  static func simulation(_ options: [String], _ message: String) -> InputCase {
    InputCase(
      testDescription: "simulate " + options.joined(separator: " "),
      files: ["t.csv": Data(BatchInputTests.profile.utf8)], arguments: ["simulate", "t.csv"] + options,
      code: 64,
      message: message)
  }

  /// Arguments that are wrong before any file is read.
  static func usage(_ command: String, _ arguments: String..., message: String) -> InputCase {
    InputCase(
      testDescription: ([command] + arguments).joined(separator: " "),
      arguments: [command, "t.csv"] + arguments,
      code: 64, message: message)
  }
}

extension InputCase {
  /// Runs the program: it ends as it should, says only what it should, and leaves nothing behind.
  func check() async throws {
    let folder = try Scratch()
    for (name, bytes) in files { try folder.write(bytes, to: name) }
    let run = try await folder.run(arguments)
    #expect(run.ending == .exit(code), "\(run.errors)")
    #expect(run.output == "")
    if code == 64 {
      #expect(run.firstError == "Error: \(message)")
      #expect(run.errors.contains("\nUsage: drayage "), "\(run.errors)")
    } else {
      #expect(run.errors == "Error: \(message)\n")
    }
    #expect(try folder.files() == files)
  }
}
