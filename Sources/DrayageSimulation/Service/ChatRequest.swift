import Foundation

/// What a simulated provider reads of a chat completion request.
struct ChatRequest: Decodable {
  private struct Message: Decodable { let role: String }

  let model: String
  let queryID: String
  /// The most output tokens the client accepts, 1 or more; nil for no bound.
  let outputLimit: Int?

  private enum Keys: String, CodingKey {
    case model, messages, metadata, stream, n
    case maxCompletionTokens = "max_completion_tokens"
    case maxTokens = "max_tokens"
  }

  /// - Throws: ``APIError`` of status 400.
  static func parse(_ body: Data) throws(APIError) -> ChatRequest {
    do {
      return try JSONDecoder().decode(ChatRequest.self, from: body)
    } catch let error as APIError {
      throw error
    } catch DecodingError.typeMismatch(_, let context) {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw APIError(400, code: "invalid_type", param: path, "Invalid type for '\(path)'.")
    } catch DecodingError.valueNotFound(_, let context) {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw APIError(400, code: "invalid_type", param: path, "Invalid type for '\(path)': null.")
    } catch DecodingError.keyNotFound(let key, let context) {
      let path = (context.codingPath + [key]).map(\.stringValue).joined(separator: ".")
      throw Self.missing(path)
    } catch {
      throw APIError(400, code: nil, "We could not parse the JSON body of your request.")
    }
  }

  init(from decoder: any Decoder) throws {
    let body = try decoder.container(keyedBy: Keys.self)
    model = try body.decode(String.self, forKey: .model)
    guard try !body.decode([Message].self, forKey: .messages).isEmpty else {
      throw APIError(400, code: "empty_array", param: "messages", "Invalid 'messages': empty array.")
    }
    let metadata = try body.decodeIfPresent([String: String].self, forKey: .metadata)
    guard let queryID = metadata?["query_id"] else { throw Self.missing("metadata.query_id") }
    self.queryID = queryID
    if try body.decodeIfPresent(Bool.self, forKey: .stream) == true {
      throw APIError(
        400, code: "unsupported_value", param: "stream",
        "This simulated provider does not stream; set 'stream' to false.")
    }
    guard try body.decodeIfPresent(Int.self, forKey: .n) ?? 1 == 1 else {
      throw APIError(
        400, code: "unsupported_value", param: "n", "This simulated provider gives one choice; set 'n' to 1.")
    }
    let current = try body.decodeIfPresent(Int.self, forKey: .maxCompletionTokens)
    let deprecated = try body.decodeIfPresent(Int.self, forKey: .maxTokens)
    outputLimit = current ?? deprecated
    if let outputLimit, outputLimit < 1 {
      let param = (current == nil ? Keys.maxTokens : .maxCompletionTokens).rawValue
      throw APIError(
        400, code: "integer_below_min_value", param: param,
        "Invalid '\(param)': \(outputLimit) is below the minimum of 1.")
    }
  }

  private static func missing(_ path: String) -> APIError {
    APIError(400, code: "missing_required_parameter", param: path, "Missing required parameter: '\(path)'.")
  }
}
