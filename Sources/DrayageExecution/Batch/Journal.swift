import Drayage
import DrayageCore
import Foundation

/// The batch's journal on disk: append only, durable before anything it announces is done.
///
/// Appends of many tasks are written together and synchronized once (group commit). The file is locked, so
/// that two runs never share one.
///
/// `@unchecked Sendable`: `pending` is reached under `lock`; the descriptor only on `queue`.
final class Journal: @unchecked Sendable {
  private typealias Waiter = CheckedContinuation<Void, any Error>

  private let path: String
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "drayage.journal")
  private let pending = Locked<(bytes: [UInt8], waiters: [Waiter], scheduled: Bool)>(([], [], false))
  private let failure = Locked<InputError?>(nil)

  /// Opens the journal at `path`, made if need be.
  ///
  /// - Throws: ``InputError`` if it cannot be opened, or another process holds it.
  init(at path: String) throws(InputError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.unwritable(path, errno) }
    // From here on a throw runs `deinit`, which closes the descriptor.
    // The folder too, or the file's name could be lost with the power.
    let folder = open(
      (path as NSString).deletingLastPathComponent.isEmpty
        ? "." : (path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw InputError(
        .unwritable, file: path,
        message: "is in use by another run; wait for it, or write the output elsewhere")
    }
  }

  deinit {
    close(descriptor)
  }

  /// What the journal holds.
  func contents() throws(InputError) -> [UInt8] { try InputFile.bytes(at: path) }

  /// Cuts off what stands after the first `length` bytes; what is appended goes there.
  ///
  /// - Throws: ``InputError`` if the disk does not take it.
  func keep(first length: Int) throws(InputError) {
    guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
      throw Self.unwritable(path, errno)
    }
  }

  /// Appends a record and returns once it is on the disk.
  ///
  /// Records stand in the order of the calls: on the caller's actor nothing comes between a call and the
  /// place it gets.
  ///
  /// - Throws: ``InputError`` if the disk does not take it. From then on every append fails: nothing more may
  ///   be sent.
  nonisolated(nonsending) func append(_ record: JournalRecord) async throws {
    let line = record.encoded()
    try await withCheckedThrowingContinuation { (waiter: Waiter) in
      let schedule = pending.withLock { state in
        state.bytes += line
        state.waiters.append(waiter)
        defer { state.scheduled = true }
        return !state.scheduled
      }
      if schedule { queue.async { self.commit() } }
    }
  }

  private func commit() {
    let (bytes, waiters) = pending.withLock { state in
      defer { state = ([], [], false) }
      return (state.bytes, state.waiters)
    }
    let error = failure.withLock { $0 } ?? write(bytes)
    if let error { failure.withLock { $0 = error } }
    for waiter in waiters {
      if let error { waiter.resume(throwing: error) } else { waiter.resume() }
    }
  }

  private func write(_ bytes: [UInt8]) -> InputError? {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
      }
      if count < 0, errno != EINTR { return Self.unwritable(path, errno) }
      written += max(0, count)
    }
    return fdatasync(descriptor) == 0 ? nil : Self.unwritable(path, errno)
  }

  private static func unwritable(_ path: String, _ number: Int32) -> InputError {
    InputError(
      .unwritable, file: path,
      message:
        "cannot be written (\(String(cString: strerror(number)))); check the folder, its permissions and its space"
    )
  }
}
