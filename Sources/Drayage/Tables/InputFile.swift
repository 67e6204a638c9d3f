import Foundation

/// Reading a whole file, with a bound on its size.
package enum InputFile {
  /// The largest file read unless said otherwise: 1 GiB.
  package static let defaultLimit = 1 << 30

  /// The bytes of the file at `path`; pipes are read to their end.
  ///
  /// - Throws: ``InputError`` if the file is missing, a directory, not readable or larger than `limit` bytes.
  package static func bytes(at path: String, limit: Int = defaultLimit) throws(InputError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw InputError(.unreadable, file: path, message: "is a directory; name a file in it")
    }
    let chunk = 1 << 18
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(max(Int(status.st_size), 0), limit) + 1)
    var buffer = [UInt8](repeating: 0, count: chunk)
    while true {
      let count = read(descriptor, &buffer, chunk)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw unreadable(path, errno)
      }
      guard bytes.count + count <= limit else {
        throw InputError(
          .tooLarge, file: path, message: "is larger than \(limit) bytes; split it into smaller files")
      }
      bytes.append(contentsOf: buffer[..<count])
    }
  }

  private static func unreadable(_ path: String, _ number: Int32) -> InputError {
    let message =
      number == ENOENT
      ? "no such file; check the path"
      : "cannot be read (\(String(cString: strerror(number)))); check the path and its permissions"
    return InputError(.unreadable, file: path, message: message)
  }
}
