/// One request of a job.
package struct BatchItem: Sendable {
  /// The caller's name for it, unique in its job.
  package let id: String
  /// The body, on one line: what a live request to the offer would carry.
  package let body: [UInt8]

  /// A request of these parts. Line ends in `body` become spaces, which they mean outside of texts, and inside
  /// them there are none.
  package init(id: String, body: [UInt8]) {
    self.id = id
    let isLine = !body.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    self.body =
      isLine
      ? body : body.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }
  }

  /// The most bytes of an id: Anthropic takes 64, and a mark stands before it.
  package static let mostIDBytes = 64 - BatchMark.prefixBytes

  /// Whether `text` can name an item: 1 to ``mostIDBytes`` letters and digits of ASCII, hyphens and underscores
  /// (https://platform.claude.com/docs/en/build-with-claude/batch-processing).
  package static func isID(_ text: String) -> Bool {
    (1...mostIDBytes).contains(text.utf8.count) && text.utf8.allSatisfy(BatchNames.isNameByte)
  }
}

/// The provider's name of a job.
package struct BatchJobID: Hashable, Sendable, CustomStringConvertible {
  /// The name.
  package let description: String

  /// The job called `name`; nil if that cannot stand in an address as it is: 1 to 200 letters and digits of ASCII,
  /// hyphens and underscores.
  package init?(_ name: String) {
    guard BatchNames.isPathPart(name) else { return nil }
    description = name
  }
}

/// Which names are safe.
enum BatchNames {
  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Whether a name that a provider gave may become a part of an address.
  static func isPathPart(_ name: String) -> Bool {
    (1...200).contains(name.utf8.count) && name.utf8.allSatisfy(isNameByte)
  }
}
