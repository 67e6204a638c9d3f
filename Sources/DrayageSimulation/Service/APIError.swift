/// A refusal in the shape of OpenAI's API.
struct APIError: Error, Equatable, Encodable {
  /// The HTTP status.
  let status: Int
  let type: String
  let code: String?
  let param: String?
  let message: String

  init(
    _ status: Int, type: String = "invalid_request_error", code: String?, param: String? = nil,
    _ message: String
  ) {
    self.status = status
    self.type = type
    self.code = code
    self.param = param
    self.message = message
  }

  private enum Keys: String, CodingKey { case error, message, type, param, code }

  func encode(to encoder: any Encoder) throws {
    var outer = encoder.container(keyedBy: Keys.self)
    var inner = outer.nestedContainer(keyedBy: Keys.self, forKey: .error)
    try inner.encode(message, forKey: .message)
    try inner.encode(type, forKey: .type)
    try inner.encode(param, forKey: .param)
    try inner.encode(code, forKey: .code)
  }
}
