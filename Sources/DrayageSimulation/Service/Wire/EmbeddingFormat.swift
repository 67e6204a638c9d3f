import Drayage

/// Embeddings, as OpenAI, Google and Cohere write them. Vectors depend on the text alone and have length 1.
///
/// https://platform.openai.com/docs/api-reference/embeddings, https://ai.google.dev/api/embeddings and
/// https://docs.cohere.com/v2/reference/embed
struct EmbeddingFormat: WireFormat {
  enum Vendor { case openAI, azure, gemini, cohere }

  let vendor: Vendor
  /// The refusals and headers of the vendor.
  private let chat: any WireFormat

  /// How long vectors are where the request does not say.
  private static let dimensions = 64
  /// As many texts as OpenAI takes at once.
  private static let mostTexts = 2048
  private static let mostDimensions = 4096

  init(_ vendor: Vendor) {
    self.vendor = vendor
    chat =
      switch vendor {
      case .openAI: OpenAIChatFormat()
      case .azure: OpenAIChatFormat(isAzure: true)
      case .gemini: GeminiFormat()
      case .cohere: CohereChatFormat()
      }
  }

  func request(_ body: RequestReader, at place: WirePlace) throws(APIError) -> SimulatedRequest {
    var request = SimulatedRequest(model: try place.model(in: body))
    var dimensions: Int?
    var texts: [String] = []
    switch vendor {
    case .openAI, .azure:
      texts = try inputs(try body.required("input"))
      dimensions = try body["dimensions"]?.integer(atLeast: 1)
      request.variant = body["encoding_format"]?.node.string ?? "float"
      request.queryID = try OpenAIRequest.queryID(body)
    case .gemini:
      let requests = try body["requests"]?.someElements()
      request.variant = requests == nil ? "one" : "batch"
      for single in requests ?? [body] {
        let content = try single.required("content")
        texts.append(
          try content["parts"]?.elements().compactMap { $0["text"]?.node.string }.joined(separator: "\n")
            ?? "")
        let asked =
          single[either: "outputDimensionality"]
          ?? single[either: "embedContentConfig"]?[either: "outputDimensionality"]
        dimensions = try asked?.integer(atLeast: 1) ?? dimensions
      }
    case .cohere:
      if let list = body["texts"] {
        for text in try list.someElements() { texts.append(try text.string()) }
      } else {
        for input in try body.required("inputs").someElements() {
          texts.append(try OpenAIRequest.texts(input["content"]).joined(separator: "\n"))
        }
      }
      dimensions = try body["output_dimension"]?.integer(atLeast: 1)
    }
    guard texts.count <= Self.mostTexts, dimensions ?? 1 <= Self.mostDimensions else {
      throw APIError(
        400, code: "invalid_value", param: "input",
        "At most \(Self.mostTexts) texts and \(Self.mostDimensions) dimensions are possible.")
    }
    for text in texts { request.add([text], isUser: true) }
    request.output = .embeddings(texts: texts, dimensions: dimensions ?? Self.dimensions)
    return request
  }

  func whole(_ answer: WireAnswer) -> JSONValue {
    guard case .embeddings(let texts, let dimensions) = answer.request.output else { return nil }
    let vectors = texts.map { Self.vector(of: $0, dimensions) }
    switch vendor {
    case .openAI, .azure:
      let isBase64 = answer.request.variant == "base64"
      return [
        "object": "list", "model": .string(answer.model),
        "data": .array(
          vectors.enumerated().map { index, vector in
            [
              "object": "embedding", "index": .int(index),
              "embedding": isBase64 ? .string(Base64.of(vector)) : Self.json(vector),
            ]
          }),
        "usage": ["prompt_tokens": .int(answer.usage.input), "total_tokens": .int(answer.usage.input)],
      ]
    case .gemini:
      let values: [JSONValue] = vectors.map { ["values": Self.json($0)] }
      let usage: JSONValue = ["promptTokenCount": .int(answer.usage.input)]
      if answer.request.variant == "one" {
        return ["embedding": values.first ?? nil, "usageMetadata": usage]
      }
      return ["embeddings": .array(values), "usageMetadata": usage]
    case .cohere:
      return [
        "id": .string("sim-\(answer.serial)"), "response_type": "embeddings_by_type",
        "embeddings": ["float": .array(vectors.map(Self.json))],
        "texts": .array(texts.map { .string($0) }),
        "meta": [
          "api_version": ["version": "2"], "billed_units": ["input_tokens": .int(answer.usage.input)],
        ],
      ]
    }
  }

  // Embeddings do not stream: `streams` is never set by `request`.
  func opening(_ answer: WireAnswer) -> [UInt8] { [] }
  func piece(_ text: String, number: Int, of answer: WireAnswer) -> [UInt8] { [] }
  func closing(pieces: Int, of answer: WireAnswer) -> [UInt8] { whole(answer).bytes }
  func failure(_ error: APIError, pieces: Int, of answer: WireAnswer) -> [UInt8] {
    refusal(error, serial: answer.serial).body.bytes
  }

  func refusal(_ error: APIError, serial: UInt64) -> WireRefusal { chat.refusal(error, serial: serial) }

  var retryHeaders: [String] { chat.retryHeaders }

  func limitHeaders(_ limits: LimitReport) -> [(name: String, value: String)] { chat.limitHeaders(limits) }

  func headers(serial: UInt64, latency: Double) -> [(name: String, value: String)] {
    chat.headers(serial: serial, latency: latency)
  }

  /// A text, a list of texts, a list of tokens, or a list of lists of tokens.
  private func inputs(_ input: RequestReader) throws(APIError) -> [String] {
    if let text = input.node.string { return [text] }
    let elements = try input.someElements()
    if elements[0].node.integer != nil { return [try tokens(elements)] }
    var texts: [String] = []
    for element in elements {
      if let text = element.node.string {
        texts.append(text)
      } else {
        texts.append(try tokens(try element.elements()))
      }
    }
    return texts
  }

  private func tokens(_ elements: [RequestReader]) throws(APIError) -> String {
    var words: [String] = []
    for element in elements { words.append(String(try element.integer())) }
    return words.joined(separator: " ")
  }

  private static func json(_ vector: [Float]) -> JSONValue { .array(vector.map { .double(Double($0)) }) }

  private static func vector(of text: String, _ dimensions: Int) -> [Float] {
    let seed = FillerText.hash(of: text)
    let values = (0..<dimensions).map { index in
      var hash = StableHash()
      hash.combine(seed)
      hash.combine(UInt64(index))
      return hash.uniform * 2 - 1
    }
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return values.map { Float($0 / max(length, 1e-9)) }
  }
}

/// Base64 (RFC 4648) of numbers in little-endian order, as OpenAI sends vectors.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func of(_ vector: [Float]) -> String {
    let bytes = vector.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * (3 - UInt32(group.count)))
      for index in 0..<4 {
        let isFilled = index <= group.count
        out.append(isFilled ? alphabet[Int(bits >> (18 - 6 * UInt32(index))) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
