import Foundation

/// Writing a file so that its path never shows half of it: into a temporary neighbour, renamed when complete.
///
/// Without ``commit()`` the temporary file is removed and the path keeps what it had. A path that leads to
/// something other than a file, such as `/dev/stdout`, is written directly; a symbolic link is followed, not
/// replaced.
package struct AtomicFile: ~Copyable {
  private let path: String
  private let destination: String
  /// Nil when the destination is written directly.
  private var temporary: String?
  private let descriptor: Int32
  private var pending: [UInt8] = []

  /// Opens a temporary file beside `path`.
  ///
  /// - Throws: ``InputError`` if `path` is a directory or its folder cannot be written.
  package init(_ path: String) throws(InputError) {
    let opened = try Self.open(path)
    self.path = path
    destination = opened.destination
    temporary = opened.temporary
    descriptor = opened.descriptor
  }

  deinit {
    close(descriptor)
    if let temporary { unlink(temporary) }
  }

  /// Adds `bytes` at the end.
  ///
  /// - Throws: ``InputError`` if the disk does not take them.
  package mutating func append(_ bytes: some Sequence<UInt8>) throws(InputError) {
    pending.append(contentsOf: bytes)
    if pending.count >= 1 << 16 { try flush() }
  }

  /// Puts the file, complete and on the disk, at its path.
  ///
  /// - Throws: ``InputError`` if the disk does not take it; the path then keeps what it had.
  package consuming func commit() throws(InputError) {
    try flush()
    guard let temporary else { return }
    guard fsync(descriptor) == 0 else { throw Self.unwritable(path, errno) }
    guard rename(temporary, destination) == 0 else { throw Self.unwritable(path, errno) }
    self.temporary = nil
  }

  private mutating func flush() throws(InputError) {
    var written = 0
    while written < pending.count {
      let count = pending.withUnsafeBytes {
        write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
      }
      if count < 0, errno != EINTR { throw Self.unwritable(path, errno) }
      written += max(count, 0)
    }
    pending.removeAll(keepingCapacity: true)
  }

  private static func open(
    _ path: String
  ) throws(InputError) -> (descriptor: Int32, destination: String, temporary: String?) {
    var status = stat()
    let exists = stat(path, &status) == 0
    guard !exists || status.st_mode & S_IFMT != S_IFDIR else {
      throw InputError(.unwritable, file: path, message: "is a directory; name a file in it")
    }
    var destination = path
    var temporary: String?
    let descriptor: Int32
    if exists, status.st_mode & S_IFMT != S_IFREG {
      descriptor = Foundation.open(path, O_WRONLY | O_CLOEXEC)
    } else {
      if exists { destination = resolved(path) }
      let neighbour = "\(destination).\(UInt32.random(in: .min ... .max)).tmp"
      temporary = neighbour
      descriptor = Foundation.open(neighbour, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0 else { throw unwritable(path, errno) }
    return (descriptor, destination, temporary)
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func unwritable(_ path: String, _ number: Int32) -> InputError {
    InputError(
      .unwritable, file: path,
      message:
        "cannot be written (\(String(cString: strerror(number)))); "
        + "check the folder, its permissions and its space"
    )
  }
}
