/// A durable ledger that cannot do what was asked. Whatever the reason: nothing may be sent.
public struct LedgerStoreError: Error, Hashable, Sendable {
  /// What kind of thing is wrong. More kinds may be added.
  public struct Code: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable {
      case unavailable, unusable, full, invalid, overloaded, closed, failed
    }

    let kind: Kind

    /// The store does not answer: it is down, out of reach, or held by another process for too long. Asking
    /// again later may help. Whether the operation was done is not known; asking again does it at most once.
    public static let unavailable = Code(kind: .unavailable)
    /// What is there is no ledger, one of a newer version, damaged, or may not be written.
    public static let unusable = Code(kind: .unusable)
    /// There is no room to write.
    public static let full = Code(kind: .full)
    /// An argument is out of its range; nothing was changed.
    public static let invalid = Code(kind: .invalid)
    /// Too many operations wait already; nothing was changed.
    public static let overloaded = Code(kind: .overloaded)
    /// The store was closed by this process; nothing was changed.
    public static let closed = Code(kind: .closed)
    /// Anything else that the store reports.
    public static let failed = Code(kind: .failed)
  }

  /// What kind of thing is wrong.
  public let code: Code
  /// The file, or the address without a password.
  public let store: String
  /// What is wrong, then what to do about it.
  public let message: String

  init(_ code: Code, _ store: String, _ message: String) {
    self.code = code
    self.store = store
    self.message = message
  }
}

extension LedgerStoreError.Code: CustomStringConvertible {
  /// The name of the code, such as `unavailable`.
  public var description: String { kind.rawValue }
}

extension LedgerStoreError: CustomStringConvertible {
  /// One line such as `ledger.sqlite: the disk is full; …`, without control characters.
  public var description: String {
    let text = "\(store): \(message)".unicodeScalars.map {
      $0.properties.generalCategory == .control ? "\u{20}" : $0
    }
    return String(String.UnicodeScalarView(text))
  }
}
