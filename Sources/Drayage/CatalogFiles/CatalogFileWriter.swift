internal import DrayageCore

/// Writes price files as they are kept: one entry of an offer per line, in a fixed order, so that a change of
/// one price is a change of one line.
///
/// What is written reads back as the same offers, rate limits and capacity. Notes, and the names of rulesets,
/// are not kept by reading and so not written: the rules of a ruleset stand at every sheet that used it.
public enum CatalogFileWriter {
  /// The text of `file`.
  ///
  /// - Parameter note: a remark to the readers of the file.
  public static func text(of file: CatalogFile, note: String? = nil) -> String {
    var lines = [
      "\"format\": \(quoted(CatalogFile.format)), \"provider\": \(quoted(file.provider)), "
        + "\"currency\": \"USD\", \"unit\": \"Mtok\""
    ]
    if let asOf = file.asOf { lines.append("\"as_of\": \(quoted(time(asOf)))") }
    if let note { lines.append("\"note\": \(quoted(note))") }
    if let endpoint = file.endpoint { lines.append("\"api\": \(api(endpoint))") }
    if !file.sources.isEmpty {
      let sources = file.sources.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \(quoted($0.value))" }
      lines.append("\"sources\": {\(sources.joined(separator: ", "))}")
    }
    lines += list("quota", file.quotas.map(row))
    lines += list("offers", file.blocks.map(block))
    lines += list("capacity", file.capacity.map(row))
    return "{\n  " + lines.joined(separator: ",\n  ") + "\n}\n"
  }

  /// A list with an element on each line; nothing if it is empty.
  private static func list(_ key: String, _ elements: [String]) -> [String] {
    elements.isEmpty ? [] : ["\"\(key)\": [\n    \(elements.joined(separator: ",\n    "))\n  ]"]
  }

  private static func api(_ endpoint: Endpoint) -> String {
    object([
      ("dialect", quoted(endpoint.dialect.rawValue)), ("base_url", endpoint.baseURL.map(quoted)),
      ("key", endpoint.keyEnvironment.map(quoted)),
      ("idempotency_header", endpoint.idempotencyHeader.map(quoted)),
    ])
  }

  private static func status(_ block: OfferBlock) -> String? {
    guard let retires = block.retires else { return nil }
    let replacement = block.replacement.map {
      object([("offer", quoted($0.id)), ("source", quoted($0.source)), ("checked", quoted(time($0.checked)))])
    }
    return object([("retires", quoted(time(retires))), ("replacement", replacement)])
  }

  private static func block(_ entry: CatalogFile.Entry<OfferBlock>) -> String {
    let block = entry.value
    var lines = [
      members([
        ("id", quoted(block.id)), ("wire", block.wireModel == block.id ? nil : quoted(block.wireModel)),
        ("model", quoted(block.model)), ("aliases", names(block.aliases)),
        ("open_weights", block.openWeights ? "true" : nil),
        ("status", status(block)),
      ])
    ]
    let limits = block.limits
    let sizes = members([
      ("context", limits.context.map(String.init)), ("input", limits.input.map(String.init)),
      ("output", limits.output.map(String.init)), ("cache_min", limits.cacheMinimum.map(String.init)),
      ("concurrency", limits.concurrency.map(String.init)),
    ])
    if !sizes.isEmpty { lines.append("\"limits\": {\(sizes)}") }
    if let caps = names(capabilities(block.capabilities)) { lines.append("\"caps\": \(caps)") }
    if let efforts = names(block.efforts) { lines.append("\"effort\": \(efforts)") }
    let policy = members([
      ("residency", names(block.dataPolicy.residency)),
      ("training", block.dataPolicy.training.map { "\($0)" }),
    ])
    if !policy.isEmpty { lines.append("\"data\": {\(policy)}") }
    let sheets = block.sheets.map(sheet)
    lines.append(
      "\"rates\": [" + (sheets.count == 1 ? "" : "\n      ") + sheets.joined(separator: ",\n      ") + "]")
    return "{" + lines.joined(separator: ",\n     ") + "}"
  }

  /// The names in the order in which ``Capability`` lists them, then the others. To reason always is to
  /// reason.
  private static func capabilities(_ capabilities: Set<Capability>) -> [String] {
    let order: [Capability] = [
      .image, .audio, .video, .pdf, .tools, .parallelTools, .jsonSchema, .stream, .reasoning, .alwaysReasons,
      .promptCache, .webSearch, .computerUse,
    ]
    let known = order.filter { capability in
      capabilities.contains(capability)
        && (capability != .reasoning || !capabilities.contains(.alwaysReasons))
    }
    return (known + capabilities.subtracting(order).sorted()).map(\.rawValue)
  }

  /// A list of texts; nil if it is empty.
  static func names(_ names: [String]) -> String? {
    names.isEmpty ? nil : "[" + names.map(quoted).joined(separator: ", ") + "]"
  }

  /// Members on one line, without the braces; those that are nil are left out.
  static func members(_ members: [(key: String, value: String?)]) -> String {
    members.compactMap { member in member.value.map { "\(quoted(member.key)): \($0)" } }.joined(
      separator: ", ")
  }

  static func object(_ members: [(key: String, value: String?)]) -> String {
    "{" + Self.members(members) + "}"
  }

  static func quoted(_ text: String) -> String { JSONText.quoted(text) }

  /// The shortest form that names the instant.
  static func time(_ instant: UTCInstant) -> String {
    if instant.secondsSince1970 % 86_400 == 0 { return instant.day }
    let text = instant.description
    return instant.secondsSince1970 % 60 == 0 ? text.dropLast(4) + "Z" : text
  }
}
