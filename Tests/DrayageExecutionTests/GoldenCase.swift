import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageExecution

/// A case of the folder `Golden`; its README says what it holds.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  let folder: String
  let name: String
  /// Nil if the file cannot be read.
  let node: JSONNode?
  let text: [UInt8]

  var testDescription: String { "\(folder)/\(name)" }

  /// All cases of a folder, by name.
  static func all(_ folder: String) -> [GoldenCase] {
    let place = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/\(folder)")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().map { name in
      let text = [UInt8]((try? Data(contentsOf: place.appendingPathComponent(name))) ?? Data())
      return GoldenCase(
        folder: folder, name: String(name.dropLast(5)), node: try? JSONNode.parse(text, file: name),
        text: text)
    }
  }

  var kind: String { node?["kind"]?.string ?? "unreadable" }

  /// The stream that stands beside the case.
  func stream() throws -> [UInt8] {
    let place = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/\(folder)/\(name).sse")
    return [UInt8](try Data(contentsOf: place))
  }

  /// The bytes of a member, or of the text it is.
  func bytes(_ key: String) -> [UInt8] {
    guard let member = node?[named: key] else { return [] }
    return member.string.map { Array($0.utf8) } ?? Array(text[member.range])
  }

  func target(_ dialect: any Dialect, baseURL: String, key: String? = "test-key") throws -> Target {
    try .offering(
      dialect, model: node?["model"]?.string ?? "model", effort: node?["effort"]?.string,
      service: node?["service"]?.string ?? "standard", baseURL: baseURL, key: key)
  }
}

extension Target {
  /// An offer of a model for tests.
  static func offering(
    _ dialect: any Dialect, model: String, effort: String? = nil, service: String = "standard",
    baseURL: String, key: String? = "test-key"
  ) throws -> Target {
    let id = try #require(OfferID(provider: "test", name: "offer", effort: effort, service: service))
    let tariff = try Tariff(name: id.description, origin: "test", sheets: [RateSheet(base: [:])])
    return Target(
      offer: Offer(id: id, wireModel: model, tariff: tariff), dialect: dialect, baseURL: baseURL, key: key)
  }
}

extension JSONNode {
  /// One spelling of the value: keys in order, in camel case if asked, numbers by their value.
  func canonical(camel: Bool = false) -> String {
    switch value {
    case .null: return "null"
    case .bool(let flag): return String(flag)
    case .number(let text): return JSONText.number(Double(text) ?? .nan)
    case .string(let text): return JSONText.quoted(text)
    case .array(let elements): return JSONText.array(elements.map { $0.canonical(camel: camel) })
    case .object(let members):
      let parts = members.map { (camel ? Self.camel($0.key) : $0.key, $0.node.canonical(camel: camel)) }
      return "{" + parts.sorted { $0.0 < $1.0 }.map { "\($0.0):\($0.1)" }.joined(separator: ",") + "}"
    }
  }

  private static func camel(_ key: String) -> String {
    let words = key.split(separator: "_")
    guard let first = words.first else { return key }
    return String(first) + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}

extension HTTPReply {
  /// A whole reply of status 200.
  static func ok(_ body: [UInt8]) -> HTTPReply {
    HTTPReply(
      status: 200, fields: [:], body: body,
      timing: Timing(connect: .zero, firstByte: .zero, total: .zero))
  }
}
