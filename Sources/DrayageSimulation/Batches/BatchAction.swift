import Foundation

/// What a request about jobs asks, by its method and path.
enum BatchAction {
  case upload, listFiles
  case file(String), content(String), deleteFile(String)
  case create(BatchJob.API), list(BatchJob.API)
  case job(BatchJob.API, String), cancel(BatchJob.API, String)
  case results(String), delete(String)
  /// Puts the clock of the jobs forward.
  case advance

  /// Which API's refusals answer it.
  var format: any WireFormat {
    switch self {
    case .create(.anthropic), .list(.anthropic), .job(.anthropic, _), .cancel(.anthropic, _), .results,
      .delete:
      AnthropicMessagesFormat()
    default: OpenAIChatFormat()
    }
  }

  /// The largest body of a path whose bodies hold many requests, in bytes; nil for other paths.
  ///
  /// OpenAI's input file has at most 200 MB, and a form around it. Anthropic's jobs may have 256 MB, but here they
  /// are read as one JSON text.
  static func bodyLimit(at target: String) -> Int? {
    switch target.prefix(while: { $0 != "?" }) {
    case "/v1/files": 201_000_000
    case "/v1/messages/batches": 32 << 20
    default: nil
    }
  }

  /// What is asked, or the methods that the path knows; nil if it is none of these paths.
  static func at(_ method: String, _ path: String) -> (action: BatchAction?, allowed: String)? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 3, parts[0].isEmpty, !parts.dropFirst().contains(""),
      let actions = actions(Array(parts.dropFirst()))
    else { return nil }
    return (actions.first { $0.key == method }?.value, actions.map(\.key).joined(separator: ", "))
  }

  /// What a path knows, by method.
  private static func actions(_ path: [String]) -> KeyValuePairs<String, BatchAction>? {
    if path == ["simulate", "batches"] { return ["POST": .advance] }
    if path.starts(with: ["v1", "messages", "batches"]) {
      return jobActions(path.dropFirst(3).map { $0 }, .anthropic)
    }
    if path.starts(with: ["v1", "batches"]) { return jobActions(path.dropFirst(2).map { $0 }, .openAI) }
    guard path.starts(with: ["v1", "files"]) else { return nil }
    switch (path.count, path.last) {
    case (2, _): return ["POST": .upload, "GET": .listFiles]
    case (3, let id?): return ["GET": .file(id), "DELETE": .deleteFile(id)]
    case (4, "content"): return ["GET": .content(path[2])]
    default: return nil
    }
  }

  private static func jobActions(
    _ rest: [String], _ api: BatchJob.API
  ) -> KeyValuePairs<String, BatchAction>? {
    switch (rest.count, rest.last) {
    case (0, _): return ["POST": .create(api), "GET": .list(api)]
    case (1, let id?):
      return api == .anthropic
        ? ["GET": .job(api, id), "DELETE": .delete(id)] : ["GET": .job(api, id)]
    case (2, "cancel"): return ["POST": .cancel(api, rest[0])]
    case (2, "results") where api == .anthropic: return ["GET": .results(rest[0])]
    default: return nil
    }
  }
}

/// The query of an address.
struct QueryText {
  private let values: [String: String]

  init(_ target: String) {
    var values: [String: String] = [:]
    let query = target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { values[String(parts[0])] = String(parts[1]).removingPercentEncoding }
    }
    self.values = values
  }

  subscript(name: String) -> String? { values[name] }

  /// The number of things to a page, at most `most`.
  func limit(most: Int) throws(APIError) -> Int {
    guard let text = values["limit"] else { return 20 }
    guard let limit = Int(text), (1...most).contains(limit) else {
      throw APIError(400, code: "invalid_value", param: "limit", "'limit' is from 1 to \(most).")
    }
    return limit
  }
}
