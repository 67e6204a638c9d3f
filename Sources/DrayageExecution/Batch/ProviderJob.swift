import Drayage
import DrayageCore
import DrayageLedger

/// A job in the batch interface of a provider, as the ledger remembers it: what finds it again and collects it.
struct ProviderJob: Hashable, Sendable {
  /// What it is known by before the provider has named it.
  let mark: BatchMark
  /// The offer that it was handed to.
  let offer: String
  /// The names of its requests are numbers below this one.
  let names: Int
  /// How many requests it has.
  var count: Int
  /// When it was handed over, or was about to be.
  var sentAt: UTCInstant
  /// The provider's name for it; nil while that is not known.
  var id: BatchJobID?
  /// Whether nothing is left to be done about it.
  var isOver = false

  /// The names of its requests, and perhaps some more.
  var ids: Set<String> { Set((0..<names).map(String.init)) }
}

extension ProviderJob {
  private static let prefix = "job "

  /// The name of the memo.
  var memo: String { Self.prefix + mark.description }

  var encoded: [UInt8] {
    Array(
      JSONText.object([
        "offer": JSONText.quoted(offer), "names": String(names), "count": String(count),
        "sent_at": String(sentAt.secondsSince1970), "id": id.map { JSONText.quoted($0.description) },
        "over": isOver ? "true" : "false",
      ]).utf8)
  }

  /// The job that a memo tells of; nil if it tells of something else.
  init?(memo: String, _ content: [UInt8]) {
    guard memo.hasPrefix(Self.prefix), let mark = BatchMark(String(memo.dropFirst(Self.prefix.count))),
      let node = try? JSONNode.parse(content, file: "memo"), let offer = node["offer"]?.string,
      let names = node["names"]?.integer, (0...1_000_000).contains(names), let count = node["count"]?.integer,
      let sentAt = node["sent_at"]?.integer, (0...253_402_300_799).contains(sentAt),
      case .bool(let isOver)? = node["over"]?.value
    else { return nil }
    self.init(
      mark: mark, offer: offer, names: names, count: count,
      sentAt: UTCInstant(secondsSince1970: Int64(sentAt)), id: node["id"]?.string.flatMap(BatchJobID.init),
      isOver: isOver)
  }
}
