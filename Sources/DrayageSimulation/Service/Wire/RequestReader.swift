import Drayage

/// A value of a request's body and where it stands, for reading with refusals that name the place.
struct RequestReader {
  let node: JSONNode
  /// Such as `messages.0.role`; empty for the body itself.
  let path: String

  /// - Throws: ``APIError`` of status 400 unless `body` is one JSON object.
  init(body: [UInt8]) throws(APIError) {
    guard let node = try? JSONNode.parse(body, file: "body") else {
      throw APIError(400, code: nil, "We could not parse the JSON body of your request.")
    }
    self.init(node: node, path: "")
    _ = try members()
  }

  private init(node: JSONNode, path: String) {
    self.node = node
    self.path = path
  }

  /// The value of a key; nil if it is missing or null, or this is no object.
  subscript(key: String) -> RequestReader? {
    guard let value = node[named: key] else { return nil }
    if value.isNull { return nil }
    return RequestReader(node: value, path: path.isEmpty ? key : "\(path).\(key)")
  }

  /// The value of a key of Google's APIs, which take `likeThis` and `like_this` for the same.
  subscript(either key: String) -> RequestReader? {
    if let value = self[key] { return value }
    let snake = key.flatMap { $0.isUppercase ? "_" + $0.lowercased() : String($0) }
    return self[String(snake)]
  }

  func required(_ key: String) throws(APIError) -> RequestReader {
    if let value = self[key] { return value }
    _ = try members()
    let path = path.isEmpty ? key : "\(path).\(key)"
    guard node[named: key] == nil else { throw Self.invalidType("\(path)", "null") }
    throw APIError(
      400, code: "missing_required_parameter", param: path, "Missing required parameter: '\(path)'.")
  }

  func string() throws(APIError) -> String {
    guard let text = node.string else { throw wrongType }
    return text
  }

  func bool() throws(APIError) -> Bool {
    guard case .bool(let value) = node.value else { throw wrongType }
    return value
  }

  func integer() throws(APIError) -> Int {
    guard let number = node.integer else { throw wrongType }
    return number
  }

  /// A whole number of at least `minimum`.
  func integer(atLeast minimum: Int) throws(APIError) -> Int {
    let number = try integer()
    guard number >= minimum else {
      throw APIError(
        400, code: "integer_below_min_value", param: path,
        "Invalid '\(path)': \(number) is below the minimum of \(minimum).")
    }
    return number
  }

  func elements() throws(APIError) -> [RequestReader] {
    guard case .array(let nodes) = node.value else { throw wrongType }
    return nodes.enumerated().map { RequestReader(node: $1, path: "\(path).\($0)") }
  }

  /// The elements of a list that must have some.
  func someElements() throws(APIError) -> [RequestReader] {
    let elements = try elements()
    guard !elements.isEmpty else {
      throw APIError(400, code: "empty_array", param: path, "Invalid '\(path)': empty array.")
    }
    return elements
  }

  func members() throws(APIError) -> JSONNode.Members {
    guard case .object(let members) = node.value else { throw wrongType }
    return members
  }

  var wrongType: APIError { Self.invalidType(path, nil) }

  private static func invalidType(_ path: String, _ found: String?) -> APIError {
    APIError(
      400, code: "invalid_type", param: path,
      "Invalid type for '\(path)'" + (found.map { ": \($0)." } ?? "."))
  }
}
