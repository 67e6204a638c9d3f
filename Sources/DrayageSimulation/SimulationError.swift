/// Why a simulated provider could not be set up: what is wrong, then what to do about it.
public struct SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing is wrong. More kinds may be added.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    enum Kind: String, Hashable, Sendable {
      case invalidOption, unknownModel, missingTokens, tooLarge, portInUse, cannotListen, invalidTLS
    }

    let kind: Kind

    /// An option outside its range, or a text that does not read as one.
    public static let invalidOption = Code(kind: .invalidOption)
    /// An option names a model that the table does not have.
    public static let unknownModel = Code(kind: .unknownModel)
    /// The table does not record the token counts that replies must state.
    public static let missingTokens = Code(kind: .missingTokens)
    /// A query too long to be written out.
    public static let tooLarge = Code(kind: .tooLarge)
    /// Another program listens on the port.
    public static let portInUse = Code(kind: .portInUse)
    /// The system refuses the port for another reason.
    public static let cannotListen = Code(kind: .cannotListen)
    /// The certificate or its key cannot be used.
    public static let invalidTLS = Code(kind: .invalidTLS)

    /// The name of the code, such as `portInUse`.
    public var description: String { kind.rawValue }
  }

  /// What kind of thing is wrong.
  public let code: Code
  /// What is wrong, then what to do about it.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
