import Drayage
import Foundation

@testable import DrayageCore
@testable import DrayageExecution

/// The cases of one dialect: files in a folder beside the tests.
struct GoldenFolder {
  let path: String

  init(_ name: String, _ file: StaticString = #filePath) {
    let here = "\(file)"
    path = here[..<(here.lastIndex(of: "/") ?? here.endIndex)] + "/Golden/\(name)"
  }

  /// The names of the cases whose files end in `suffix`, without it.
  func names(_ suffix: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
  }

  func bytes(_ file: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + file)))
  }

  func json(_ file: String) throws -> GoldenJSON {
    let bytes = try bytes(file)
    return GoldenJSON(node: try JSONNode.parse(bytes, file: file), bytes: bytes)
  }
}

/// A parsed file with the bytes it was parsed from.
struct GoldenJSON {
  let node: JSONNode
  let bytes: [UInt8]

  subscript(key: String) -> GoldenJSON? { node[named: key].map { GoldenJSON(node: $0, bytes: bytes) } }

  /// As it is written.
  var text: [UInt8] { Array(bytes[node.range]) }
}

extension JSONNode {
  /// The value in one spelling: keys in order, numbers as their values.
  var canonical: String {
    switch value {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let text): Double(text).map { "\($0)" } ?? text
    case .string(let text): JSONText.quoted(text)
    case .array(let elements): "[" + elements.map(\.canonical).joined(separator: ",") + "]"
    case .object(let members):
      "{"
        + members.map { JSONText.quoted($0.key) + ":" + $0.node.canonical }.sorted().joined(separator: ",")
        + "}"
    }
  }

  static func canonical(_ text: some Sequence<UInt8>) throws -> String {
    try JSONNode.parse(Array(text), file: "json").canonical
  }
}

extension Offer {
  /// The offer that a case describes.
  init(golden node: JSONNode?) throws {
    let model = node?["model"]?.string ?? "m"
    let id = OfferID(
      provider: "p", name: "m", effort: node?["effort"]?.string,
      service: node?["service"]?.string ?? "standard")
    var capabilities: Set<Capability> = []
    if case .array(let names)? = node?["caps"]?.value {
      capabilities = Set(names.compactMap(\.string).map { Capability(rawValue: $0) })
    }
    self.init(
      id: id!, wireModel: model,
      tariff: try Tariff(name: "m", origin: "test", sheets: [RateSheet(base: [:])]),
      limits: OfferLimits(output: node?["output"]?.integer), capabilities: capabilities,
      region: node?["region"]?.string)
  }
}

/// What a reply or a stream came to, in one spelling.
enum GoldenOutcome {
  static func text(_ answer: ChatAnswer) -> String {
    let calls = answer.toolCalls.map { call in
      let arguments = (try? JSONNode.canonical(call.arguments.utf8)) ?? "BROKEN " + call.arguments
      return "\(call.id) \(call.name) \(arguments)"
    }
    return """
      id \(answer.id ?? "-") model \(answer.model ?? "-") finish \(answer.finish.name)
      text \(answer.text)
      reasoning \(answer.reasoning)
      refusal \(answer.refusal ?? "-")
      calls \(calls)
      usage \(text(answer.usage))
      """
  }

  static func text(_ usage: MeteredUsage?) -> String {
    guard let usage else { return "-" }
    let tokens = usage.tokens
    var besides = usage.besides
    let hour = besides.removeValue(forKey: Meter.cacheWrite(hours: 1)!) ?? 0
    let searches = besides.removeValue(forKey: .webSearch) ?? 0
    return "input \(tokens.input) output \(tokens.output) cached \(tokens.cachedInput) written "
      + "\(tokens.cacheWrite) hour \(hour) reasoning \(usage.reasoning) searches \(searches) \(besides)"
  }

  /// The answer that a case describes, so spelled.
  static func expected(_ node: JSONNode) -> String {
    var calls: [String] = []
    if case .array(let list)? = node["tool_calls"]?.value {
      calls = list.map {
        "\($0["id"]?.string ?? "") \($0["name"]?.string ?? "") \($0["arguments"]?.canonical ?? "")"
      }
    }
    return """
      id \(node["id"]?.string ?? "-") model \(node["model"]?.string ?? "-") finish \(node["finish"]?.string ?? "")
      text \(node["text"]?.string ?? "")
      reasoning \(node["reasoning"]?.string ?? "")
      refusal \(node["refusal"]?.string ?? "-")
      calls \(calls)
      usage \(expectedUsage(node["usage"]))
      """
  }

  static func expectedUsage(_ node: JSONNode?) -> String {
    guard let node, node.isObject else { return "-" }
    func count(_ key: String) -> Int { node[named: key]?.integer ?? -1 }
    return "input \(count("input")) output \(count("output")) cached \(count("cached")) written "
      + "\(count("written")) hour \(count("hour")) reasoning \(count("reasoning")) searches \(count("searches")) [:]"
  }

  /// Whether `failure` is what a case describes.
  static func matches(_ failure: AttemptFailure, _ node: JSONNode?) -> Bool {
    failure.kind.rawValue == node?["kind"]?.string
      && failure.message.contains(node?["says"]?.string ?? "NOTHING")
      && text(failure.usage) == expectedUsage(node?["usage"])
  }

  /// What the stream of `pieces` comes to: the answer and whether it is complete, or the failure.
  static func stream(_ dialect: some Dialect, _ pieces: [ArraySlice<UInt8>]) -> String {
    var stream = dialect.stream()
    var answer = ChatAnswer()
    var sse = ServerSentEvents()
    var aws = AWSEventStream()
    do {
      for piece in pieces {
        let events = dialect.framing == .serverSentEvents ? try sse.take(piece) : try aws.take(piece)
        for event in events {
          for part in try stream.take(event) { answer.take(part) }
        }
      }
      return "complete \(stream.isComplete)\n" + text(answer)
    } catch let failure as AttemptFailure {
      return "failure \(failure.kind.rawValue) \(text(failure.usage)) \(failure.message)"
    } catch {
      return "framing \(error)"
    }
  }

  /// The same as a case describes it; a failure's message only in part.
  static func matchesStream(_ outcome: String, _ node: JSONNode) -> Bool {
    if let answer = node["answer"] {
      guard case .bool(let complete)? = node["complete"]?.value else { return false }
      return outcome == "complete \(complete)\n" + expected(answer)
    }
    let failure = node["failure"]
    return outcome.hasPrefix(
      "failure \(failure?["kind"]?.string ?? "?") \(expectedUsage(failure?["usage"])) ")
      && outcome.contains(failure?["says"]?.string ?? "NOTHING")
  }
}
