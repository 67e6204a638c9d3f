import Drayage
import Foundation

/// A file that can be read at any place, from any task; or what it would hold.
final class RegularFile: Sendable {
  let path: String
  private let descriptor: Int32
  /// In its stead, if it is not on the disk.
  private let content: [UInt8]

  /// Opens the file at `path` to read.
  ///
  /// - Throws: ``InputError`` if it is missing, not readable or no regular file.
  init(_ path: String) throws(InputError) {
    self.path = path
    content = []
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.unreadable(path, errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw InputError(
        .unreadable, file: path,
        message: "is no file that can be read more than once; save the requests in one, and name it")
    }
  }

  /// A file of these bytes, called `path`.
  init(_ content: [UInt8], path: String) {
    self.path = path
    self.content = content
    descriptor = -1
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// The bytes at `place`, fewer at the end of the file.
  func bytes(_ place: Range<Int>) throws(InputError) -> [UInt8] {
    guard descriptor >= 0 else { return Array(content[place.clamped(to: 0..<content.count)]) }
    var bytes = [UInt8](repeating: 0, count: place.count)
    var have = 0
    while have < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress?.advanced(by: have), $0.count - have, off_t(place.lowerBound + have))
      }
      if count == 0 { break }
      if count < 0 {
        guard errno == EINTR else { throw Self.unreadable(path, errno) }
        continue
      }
      have += count
    }
    bytes.removeLast(bytes.count - have)
    return bytes
  }

  private static func unreadable(_ path: String, _ number: Int32) -> InputError {
    let message =
      number == ENOENT
      ? "no such file; check the path"
      : "cannot be read (\(String(cString: strerror(number)))); check the path and its permissions"
    return InputError(.unreadable, file: path, message: message)
  }
}
