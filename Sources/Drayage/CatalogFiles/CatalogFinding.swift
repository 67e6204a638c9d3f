/// Something that a check of price files found.
public struct CatalogFinding: Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Hashable, Sendable {
    /// The file cannot be used as it is, or would be used wrongly.
    case error
    /// It can be used, and someone should look.
    case warning
  }

  /// How bad it is.
  public let severity: Severity
  /// The name of the file.
  public let file: String
  /// The line, 1 or more; nil if it is about the file.
  public let line: Int?
  /// The keys that lead there, such as `offers[0].rates[1]`; nil if it is about the file.
  public let key: String?
  /// What is wrong, then what to do.
  public let message: String
}

extension CatalogFinding: CustomStringConvertible {
  /// One line, such as `pricing/openai.json:21: warning: 'offers[0].rates[0]': …`.
  public var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    let subject = key.map { "'\($0)': " } ?? ""
    return "\(place): \(severity.rawValue): \(subject)\(message)"
  }
}
