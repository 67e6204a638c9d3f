import Drayage
import Foundation

/// A ledger in a file that must be there already.
enum LedgerFile {
  /// - Throws: ``InputError`` if there is no such file.
  static func check(_ path: String) throws(InputError) {
    guard FileManager.default.fileExists(atPath: path) else {
      throw InputError(
        .unreadable, file: path,
        message: "no such ledger; a batch that has begun keeps one beside its output, OUTPUT.ledger")
    }
  }
}
