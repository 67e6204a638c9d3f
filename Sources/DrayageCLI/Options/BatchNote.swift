import ArgumentParser
import Drayage
import Foundation

/// How a batch was asked for: what its ledger keeps, so that it can be resumed.
struct BatchNote: Codable {
  /// The arguments, without the address of the ledger.
  let arguments: [String]
  /// Where the paths begin.
  let folder: String

  init(arguments: [String], folder: String) {
    var kept: [String] = []
    var isAddress = false
    for argument in arguments {
      if isAddress {
        isAddress = false
      } else if argument == "--ledger" {
        isAddress = true
      } else if !argument.hasPrefix("--ledger=") {
        kept.append(argument)
      }
    }
    self.arguments = kept
    self.folder = folder
  }

  /// A note that a ledger has kept; `nil` for anything else.
  init?(_ payload: [UInt8]) {
    guard let note = try? JSONDecoder().decode(BatchNote.self, from: Data(payload)) else { return nil }
    self = note
  }

  /// The command of then, in its folder, and its arguments.
  func command(ledger: LedgerArgument? = nil) throws -> (command: BatchRunCommand, arguments: [String]) {
    guard FileManager.default.changeCurrentDirectoryPath(folder) else {
      throw InputError(
        .unreadable, file: folder,
        message:
          "is the folder in which the batch began, and is gone; run its whole command where its files are")
    }
    let arguments = self.arguments + (ledger.map { ["--ledger", $0.argument] } ?? [])
    return (try BatchRunCommand.parse(arguments), arguments)
  }

  /// What the ledger is to keep: nothing if an address in it holds a password.
  var encoded: [UInt8] {
    let isSecret = arguments.contains { $0.contains("://") && $0.contains("@") }
    return isSecret ? [] : (try? JSONEncoder().encode(self)).map { Array($0) } ?? []
  }
}
