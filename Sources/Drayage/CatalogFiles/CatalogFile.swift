public import DrayageCore

/// A price file as it is written: one provider's blocks, before they are expanded to offers.
public struct CatalogFile: Sendable {
  /// The name of the file.
  public let name: String
  /// The provider whose prices it holds.
  public let provider: String
  /// The day on which the file was last revised; nil if not stated.
  public let asOf: UTCInstant?
  /// Where figures were read, by the names that entries use.
  public let sources: [String: String]
  /// Where requests are sent; nil if not stated.
  public let endpoint: Endpoint?
  /// The provider's rate limits.
  public let quotas: [Entry<Quota>]
  /// The blocks of offers.
  public let blocks: [Entry<OfferBlock>]
  /// What can be bought by the unit and hour instead of by the token.
  public let capacity: [Entry<ProvisionedCapacity>]

  /// Something in the file, with its place and where it was read.
  public struct Entry<Value: Sendable>: Sendable {
    /// What it is.
    public let value: Value
    /// The line on which it begins.
    public let line: Int
    /// The keys that lead to it, such as `offers[0].rates[1]`.
    public let key: String
    /// The name of its source, a key of the file's sources; nil if not stated.
    public let source: String?
    /// The day on which it was last compared with the source; nil if not stated.
    public let checked: UTCInstant?
    /// Keys of prices that are null: known to exist, and not known.
    public let unpriced: [String]
    /// Where else it is stated; nil if that was not looked for.
    public internal(set) var confirmation: Confirmation?
  }

  /// A second source that states the same, and does not have it from the first.
  public struct Confirmation: Sendable {
    /// The name of the source, a key of the file's sources.
    public let source: String
    /// The day on which it stated that.
    public let checked: UTCInstant
  }
}

/// What takes the place of an offer that retires, as its provider says.
public struct OfferReplacement: Hashable, Sendable {
  /// The middle of the other offer's name, at the same provider.
  public let id: String
  /// The name of the source, a key of the file's sources.
  public let source: String
  /// The day on which it stated that.
  public let checked: UTCInstant
}

/// What a provider sells of one model: the efforts and services of a block share one schedule of prices.
public struct OfferBlock: Sendable {
  /// The provider's name, and the middle of the offers' names.
  public let id: String
  /// The name of the model in requests.
  public let wireModel: String
  /// The model's canonical name.
  public let model: String
  /// Other names of the model at this provider.
  public let aliases: [String]
  /// Whether the weights are public.
  public let openWeights: Bool
  /// The sizes that are accepted.
  public let limits: OfferLimits
  /// What the model can do.
  public let capabilities: Set<Capability>
  /// The reasoning efforts that can be asked for; empty if there is no such setting.
  public let efforts: [String]
  /// When it is no longer sold; nil if not announced.
  public let retires: UTCInstant?
  /// What takes its place then; nil if the provider has not said, or nobody has looked.
  public let replacement: OfferReplacement?
  /// What the provider does with the text of requests.
  public let dataPolicy: DataPolicy
  /// The rate sheets, in the order of the file.
  public let sheets: [CatalogFile.Entry<RateSheet>]
}

/// Throughput that is bought by the unit and hour, whether it is used or not.
public struct ProvisionedCapacity: Hashable, Sendable {
  /// A price for a commitment.
  public struct Price: Hashable, Sendable {
    /// How long one commits.
    public enum Commitment: String, Hashable, CaseIterable, Sendable {
      case hour, month
    }

    /// How long one commits.
    public let commitment: Commitment
    /// Dollars per unit for that time; nil if not known.
    public let perUnit: Money?
  }

  /// The provider's name of it.
  public let id: String
  /// The canonical name of the model that it serves.
  public let model: String
  /// What a unit is called.
  public let unit: String
  /// The fewest units sold, 1 or more.
  public let minimum: Int
  /// In what steps further units are sold, 1 or more.
  public let step: Int
  /// Input tokens per minute of one unit; nil if not known.
  public let inputTokensPerMinute: Int?
  /// How many input tokens one output token counts for; nil if not known.
  public let outputWeight: Multiplier?
  /// Output tokens per second that a request gets at least; nil if not stated.
  public let tokensPerSecondFloor: Int?
  /// The prices.
  public let prices: [Price]
}
