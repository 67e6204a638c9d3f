@testable import Drayage
@testable import DrayageCore
@testable import DrayageExecution

extension ParserCheck {
  static func checkJSON(_ bytes: [UInt8]) throws(Violation) {
    guard let node = parse(bytes) else { return }
    try check(node, within: 0..<bytes.count)
    try require(node.depth <= 129, "it nests \(node.depth) deep")
    let text = rewritten(node)
    guard let again = parse(Array(text.utf8)) else {
      throw Violation(description: "what was read cannot be read again: \(text)")
    }
    try require(rewritten(again) == text, "read again it reads otherwise: \(text)")
    let fragment = JSONFragment(node, in: bytes).text
    try require(
      parse(Array(fragment.utf8)).map(rewritten) == text, "its passage reads otherwise: \(fragment)")
  }

  /// Values lie where they say, and numbers are what they are written as.
  private static func check(_ node: JSONNode, within range: Range<Int>) throws(Violation) {
    try require(
      range.lowerBound <= node.range.lowerBound && node.range.upperBound <= range.upperBound
        && !node.range.isEmpty && node.line >= 1, "a value lies at \(node.range) within \(range)")
    _ = (node.string, node.statedCount("x"), node["x"], ReplyCount.tokens(node))
    if let integer = node.integer, let double = node.double {
      try require(Double(integer) == double, "\(integer) is \(double)")
    }
    if let double = node.double {
      try require(Double(JSONText.number(double)) == double, "\(double) is written otherwise")
    }
    switch node.value {
    case .array(let elements): for element in elements { try check(element, within: node.range) }
    case .object(let members):
      for member in members {
        try check(member.node, within: node.range)
        try require(node[named: member.key]?.range == member.node.range, "\(member.key) is found elsewhere")
      }
    case .null, .bool, .number, .string: break
    }
  }

  private static func rewritten(_ node: JSONNode) -> String {
    switch node.value {
    case .null: "null"
    case .bool(let flag): String(flag)
    case .number(let text): text
    case .string(let text): JSONText.quoted(text)
    case .array(let elements): JSONText.array(elements.map(rewritten))
    case .object(let members):
      JSONText.object([:], and: members.map { (key: $0.key, value: rewritten($0.node)) })
    }
  }

  private static let changes: [[(key: String, value: String?)]] = [
    [("model", "\"m\"")], [("stream", nil)], [("model", "\"m\""), ("max_tokens", "5"), ("user", nil)],
    [("metadata", nil), ("service_tier", nil), ("reasoning_effort", "\"low\"")], [],
  ]
  private static let models = [
    "model", "gpt-5", "claude-sonnet-4-5", "claude-opus-4-7", "gemini-2.5-pro", "gemini-3-pro",
    "anthropic.claude-haiku-4-5", "amazon.nova-pro-v1:0", "command-a-03-2025",
  ]

  private static func target(_ dialect: any Dialect, model: String, effort: String?) -> Target? {
    guard let id = OfferID(provider: "test", name: "offer", effort: effort, service: "standard"),
      let tariff = try? Tariff(name: "test", origin: "test", sheets: [RateSheet(base: [:])])
    else { return nil }
    return Target(
      offer: Offer(id: id, wireModel: model, tariff: tariff), dialect: dialect, baseURL: "https://a.test",
      key: "key")
  }

  /// A body that is taken can be changed and said in every dialect, and is JSON then.
  static func checkRequestBody(_ input: inout ChoosingBytes) throws(Violation) {
    let dialect = input.pick(dialects)
    let model = input.pick(models)
    let changes = input.pick(Self.changes)
    let effort = input.pick([nil, "low"])
    let bytes = Array(input.rest)
    guard let node = parse(bytes),
      let body = try? RequestBody(
        node, in: bytes, fault: { InputError($0, file: "input", key: $1, message: $2) })
    else { return }
    try check(body, changing: changes)
    if let chat = try? body.chat(), let said = try? RequestBody(chat) {
      let again = try? RequestBody(said.chat())
      try require(again?.bytes == said.bytes, "said again it is otherwise")
    }
    guard let target = target(dialect, model: model, effort: effort),
      let request = try? dialect.request(
        Call(body, maxOutputTokens: 100, idempotencyKey: "key"), to: target)
    else { return }
    guard let sent = parse(request.body), sent.isObject else {
      throw Violation(
        description: "what is sent is no object: \(String(decoding: request.body, as: UTF8.self))")
    }
  }

  private static func check(_ body: RequestBody, changing changes: [(key: String, value: String?)])
    throws(Violation)
  {
    let bytes = body.changing(changes)
    guard let before = parse(body.bytes), let after = parse(bytes), case .object(let old) = before.value,
      case .object(let new) = after.value
    else {
      throw Violation(description: "changed it is no object: \(String(decoding: bytes, as: UTF8.self))")
    }
    for change in changes {
      try require(after[named: change.key].map(rewritten) == change.value, "\(change.key) is not changed")
    }
    for member in old where !changes.contains(where: { $0.key == member.key }) {
      try require(
        after[named: member.key].map(rewritten) == rewritten(member.node), "\(member.key) is changed")
    }
    let keys = Set(old.map(\.key) + changes.map(\.key)).subtracting(
      changes.filter { $0.value == nil }.map(\.key))
    try require(Set(new.map(\.key)) == keys, "other members than \(keys) are there")
  }

  static func checkBatchFile(_ bytes: [UInt8]) throws(Violation) {
    let file = BatchFile(bytes, path: "input")
    var reader = file.lines
    var rows: [(row: BatchRow, body: RequestBody)] = []
    var lines: [Int] = []
    var end = 0
    while let line = (try? reader.line()) ?? nil {
      try require(line.offset >= end, "lines overlap")
      end = line.offset + (line.bytes?.count ?? 0)
      try require(line.bytes.map { Array(bytes[line.offset..<end]) == $0 } ?? true, "a line is not its bytes")
      lines.append(line.number)
      guard case .request(let id, let body)? = file.entry(line) else { continue }
      rows.append((BatchRow(line: line.number, customID: id, place: line.offset..<end, body: body), body))
    }
    try require(end <= bytes.count && lines == Array(1..<lines.count + 1), "lines are missing")
    try require(
      rows.reduce(0) { $0 + $1.body.bytes.count } <= bytes.count, "the bodies are longer than the file")
    for (row, body) in rows {
      try require(parse(body.bytes) != nil, "the body of line \(row.line) is no JSON")
      try require(
        (try? file.body(of: row))?.bytes == body.bytes, "line \(row.line) is another when read again")
      let back = BatchRow(row.job)
      try require(
        back?.customID == row.customID && back?.workload == row.workload && back?.place == row.place
          && back?.inputTokens == row.inputTokens && back?.maxOutputTokens == row.maxOutputTokens
          && back?.capabilities == row.capabilities && back?.digest == row.digest,
        "line \(row.line) is another when it comes back from the queue")
      try check(body, changing: [("model", "\"m\""), ("user", nil)])
    }
  }
}
