/// Why an amount could not be computed, or a tariff could not be made.
public struct TariffError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure it is; more may be added.
  public struct Code: Hashable, Sendable {
    /// The name of the code.
    public let name: String

    /// Something was used that the tariff has no rate for. It is never taken as free.
    public static let unknownPrice = Code(name: "unknownPrice")
    /// No rate sheet is in force at the instant.
    public static let noSheet = Code(name: "noSheet")
    /// The sheet in force does not sell the service tier.
    public static let serviceNotSold = Code(name: "serviceNotSold")
    /// Rules of two groups state an absolute rate for the same meter.
    public static let ambiguousRate = Code(name: "ambiguousRate")
    /// The rate sheets are missing, empty in time, or hold at the same time.
    public static let badSheets = Code(name: "badSheets")
    /// The amount, or the usage, is larger than can be represented.
    public static let tooLarge = Code(name: "tooLarge")
  }

  /// What kind of failure it is.
  public let code: Code
  /// The offer, as the tariff names it.
  public let offer: String
  /// The meter concerned, if it is one.
  public let meter: Meter?
  /// What is wrong and what to do, without the offer's name.
  public let message: String

  init(_ code: Code, offer: String, meter: Meter? = nil, _ message: String) {
    self.code = code
    self.offer = offer
    self.meter = meter
    self.message = message
  }

  /// A sentence for people, beginning with the offer.
  public var description: String { "\(offer): \(message)" }
}
