/// What became of one entry of an imported price list.
public struct ImportedEntry: Hashable, Sendable {
  /// How much of an entry came through.
  public enum Outcome: Hashable, Sendable {
    /// All that a price file can say.
    case whole
    /// The prices of plain use, but not everything: what was left out or assumed, not empty.
    case part([ImportRemark])
    /// Nothing.
    case refused(ImportRefusal)
  }

  /// The entry's name in the list, such as `azure/gpt-4.1`; with the provider's before it where the list is
  /// by providers, such as `openai.gpt-4.1`; at most 200 characters of each.
  public let key: String
  /// The line on which it begins, 1 or more.
  public let line: Int
  /// The offer that came of it, as `provider/name`; nil if it was refused.
  public let offer: String?
  /// How much of it came through.
  public let outcome: Outcome
}

/// A fact of an entry that was left out, or taken in a way that has to be known.
public struct ImportRemark: Hashable, Sendable, CustomStringConvertible {
  /// The fact, by the key that states it.
  public let fact: String
  /// Why it was left out, or what was assumed.
  public let reason: String

  /// The fact and the reason in one line.
  public var description: String { "\(fact): \(reason)" }
}

/// Why an entry was not imported.
public struct ImportRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of reason it is; more may be added.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The name of the code.
    public let description: String

    /// It is no model that answers with text, but one for embeddings, pictures, sound or the like.
    public static let notChat = Code(description: "not a chat model")
    /// Its last day was before the list was checked.
    public static let retired = Code(description: "retired")
    /// It has no price for input or output.
    public static let noPrice = Code(description: "price missing")
    /// A price is zero: free, part of a subscription, or not known.
    public static let zeroPrice = Code(description: "price zero")
    /// A number that no price or size can be: most likely in another unit.
    public static let absurd = Code(description: "absurd number")
    /// A price with more decimal places than rates have.
    public static let tooFine = Code(description: "price too fine")
    /// A price in a unit, or under a condition, that price files have no words for.
    public static let inexpressible = Code(description: "not expressible")
    /// A value of the wrong type.
    public static let malformed = Code(description: "malformed")
    /// A name that no offer can have.
    public static let badName = Code(description: "name not usable")
    /// Another entry stands for the same offer and says the same.
    public static let repeated = Code(description: "said again")
    /// Another entry stands for the same offer and says otherwise.
    public static let contradictory = Code(description: "contradicts another entry")
  }

  /// What kind of reason it is.
  public let code: Code
  /// What is wrong, for people.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message of an error about a value, with its key and line.
  init(_ error: InputError) {
    let key = error.key.map { "'\($0)': " } ?? ""
    let line = error.line.map { " (line \($0))" } ?? ""
    self.init(.malformed, key + error.message + line)
  }

  /// The code and the message in one line.
  public var description: String { "\(code): \(message)" }
}
