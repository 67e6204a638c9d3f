import Drayage
import Foundation

/// Keeps two runs from working on one output.
///
/// The lock is a file of its own: one on the ledger would be lost with the first descriptor of it that is closed
/// ("How To Corrupt An SQLite Database File", section 2.2). It ends with the process, however that ends.
final class BatchLock: Sendable {
  private let path: String
  private let descriptor: Int32

  /// - Throws: ``InputError`` if another run holds it, or it cannot be made.
  init(at path: String) throws(InputError) {
    self.path = path
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw InputError(
          .unwritable, file: path,
          message:
            "cannot be written (\(String(cString: strerror(errno)))); check the folder and its permissions")
      }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        close(descriptor)
        throw InputError(
          .unwritable, file: path,
          message: "is in use by another run; wait for it, or write the output elsewhere")
      }
      // Whoever held it may have removed it meanwhile: then this is a lock on nothing.
      var (held, named) = (stat(), stat())
      if fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit {
    unlink(path)
    close(descriptor)
  }
}
