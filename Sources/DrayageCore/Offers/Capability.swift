/// Something a model can do that a request may require. Providers add to the list, so it is open.
public struct Capability: RawRepresentable, Hashable, Comparable, Sendable {
  /// The name in price files.
  public let rawValue: String

  /// The capability named `rawValue`.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// Reads images.
  public static let image = Capability(rawValue: "image")
  /// Reads sound.
  public static let audio = Capability(rawValue: "audio")
  /// Reads moving pictures.
  public static let video = Capability(rawValue: "video")
  /// Reads PDF documents.
  public static let pdf = Capability(rawValue: "pdf")
  /// Calls functions.
  public static let tools = Capability(rawValue: "tools")
  /// Calls several functions in one turn.
  public static let parallelTools = Capability(rawValue: "parallel_tools")
  /// Keeps its answer to a JSON schema.
  public static let jsonSchema = Capability(rawValue: "json_schema")
  /// Sends its answer as it is written.
  public static let stream = Capability(rawValue: "stream")
  /// Can reason before it answers.
  public static let reasoning = Capability(rawValue: "reasoning")
  /// Reasons before every answer: it cannot be turned off. Such an offer has ``reasoning`` too.
  public static let alwaysReasons = Capability(rawValue: "reasoning!")
  /// Caches prompts.
  public static let promptCache = Capability(rawValue: "prompt_cache")
  /// Searches the web on the provider's side.
  public static let webSearch = Capability(rawValue: "web_search")
  /// Operates a computer's screen.
  public static let computerUse = Capability(rawValue: "computer_use")

  /// The capabilities named above: others are allowed and may be typing errors.
  public static let known: Set<Capability> = [
    .image, .audio, .video, .pdf, .tools, .parallelTools, .jsonSchema, .stream, .reasoning, .alwaysReasons,
    .promptCache, .webSearch, .computerUse,
  ]

  /// The order of the names.
  public static func < (a: Capability, b: Capability) -> Bool { a.rawValue < b.rawValue }
}

extension Capability: CustomStringConvertible {
  /// The name in price files.
  public var description: String { rawValue }
}
