import Drayage

/// OpenAI's responses.
///
/// https://platform.openai.com/docs/api-reference/responses and .../responses-streaming
struct OpenAIResponsesFormat: WireFormat {
  var isAzure = false

  func request(_ body: RequestReader, at place: WirePlace) throws(APIError) -> SimulatedRequest {
    var request = SimulatedRequest(model: try body.required("model").string())
    var endsWithTool = false
    let input = try body.required("input")
    if let text = input.node.string {
      request.add([text], isUser: true)
    } else {
      for item in try input.someElements() {
        let role = item["role"]?.node.string
        request.add(try OpenAIRequest.texts(item["content"] ?? item["output"]), isUser: role == "user")
        endsWithTool = item["type"]?.node.string == "function_call_output"
      }
    }
    request.textBytes += try body["instructions"]?.string().utf8.count ?? 0
    request.queryID = try OpenAIRequest.queryID(body)
    request.streams = try body["stream"]?.bool() ?? false
    request.outputLimit = try OpenAIRequest.limit(body, "max_output_tokens")
    if let format = body["text"]?["format"] {
      switch try format.required("type").string() {
      case "json_schema": request.output = .json(schema: try format.required("schema").node)
      case "json_object": request.output = .json(schema: nil)
      default: break
      }
    }
    var tools: [(name: String, parameters: JSONNode?)] = []
    for tool in try body["tools"]?.elements() ?? [] where tool["type"]?.node.string == "function" {
      tools.append((try tool.required("name").string(), tool["parameters"]?.node))
    }
    try OpenAIRequest.choose(tools, body["tool_choice"], endsWithTool: endsWithTool, for: &request)
    return request
  }

  func whole(_ answer: WireAnswer) -> JSONValue {
    let text = answer.toolName == nil ? answer.text.brief : answer.text.whole
    return response(
      answer, status: ending(answer), output: [item(answer, text: text, status: ending(answer))])
  }

  func opening(_ answer: WireAnswer) -> [UInt8] {
    let begun = response(answer, status: "in_progress", output: [])
    var bytes = event("response.created", 0, ["response": begun])
    bytes += event("response.in_progress", 1, ["response": begun])
    bytes += event(
      "response.output_item.added", 2,
      ["output_index": 0, "item": item(answer, text: nil, status: "in_progress")])
    guard answer.toolName == nil else { return bytes }
    return bytes
      + event(
        "response.content_part.added", 3,
        ["item_id": itemID(answer), "output_index": 0, "content_index": 0, "part": part("")])
  }

  func piece(_ text: String, number: Int, of answer: WireAnswer) -> [UInt8] {
    if answer.toolName != nil {
      return event(
        "response.function_call_arguments.delta", 3 + number,
        ["item_id": itemID(answer), "output_index": 0, "delta": .string(text)])
    }
    return event(
      "response.output_text.delta", 4 + number,
      [
        "item_id": itemID(answer), "output_index": 0, "content_index": 0, "delta": .string(text),
        "logprobs": [],
      ])
  }

  func closing(pieces: Int, of answer: WireAnswer) -> [UInt8] {
    let text = answer.text.whole
    var number = pieces + (answer.toolName == nil ? 4 : 3)
    var bytes: [UInt8] = []
    func add(_ type: String, _ members: JSONValue) {
      bytes += event(type, number, members)
      number += 1
    }
    if let name = answer.toolName {
      add(
        "response.function_call_arguments.done",
        [
          "item_id": itemID(answer), "output_index": 0, "name": .string(name), "arguments": .string(text),
        ])
    } else {
      add(
        "response.output_text.done",
        [
          "item_id": itemID(answer), "output_index": 0, "content_index": 0, "text": .string(text),
          "logprobs": [],
        ])
      add(
        "response.content_part.done",
        ["item_id": itemID(answer), "output_index": 0, "content_index": 0, "part": part(text)])
    }
    let item = item(answer, text: text, status: ending(answer))
    add("response.output_item.done", ["output_index": 0, "item": item])
    add(
      answer.isCut ? "response.incomplete" : "response.completed",
      ["response": response(answer, status: ending(answer), output: [item])])
    return bytes
  }

  func failure(_ error: APIError, pieces: Int, of answer: WireAnswer) -> [UInt8] {
    let number = pieces + (answer.toolName == nil ? 4 : 3)
    let code = JSONValue(error.code ?? error.type)
    let message = JSONValue.string(error.message)
    var failed = response(answer, status: "failed", output: [])
    if case .object(let members) = failed {
      failed = .object(
        members.filter { $0.key != "error" } + [("error", ["code": code, "message": message])])
    }
    return event("error", number, ["code": code, "message": message, "param": JSONValue(error.param)])
      + event("response.failed", number + 1, ["response": failed])
  }

  func refusal(_ error: APIError, serial: UInt64) -> WireRefusal {
    OpenAIRefusals.refusal(error, isAzure: isAzure)
  }

  var retryHeaders: [String] { OpenAIRefusals.retryHeaders }

  func limitHeaders(_ limits: LimitReport) -> [(name: String, value: String)] {
    OpenAIRefusals.limitHeaders(limits)
  }

  func headers(serial: UInt64, latency: Double) -> [(name: String, value: String)] {
    OpenAIRefusals.headers(serial: serial, latency: latency)
  }

  private func event(_ type: String, _ number: Int, _ members: JSONValue) -> [UInt8] {
    guard case .object(let members) = members else { return [] }
    return SSE.event(
      type, .object([("type", .string(type)), ("sequence_number", .int(number))] + members))
  }

  private func ending(_ answer: WireAnswer) -> String { answer.isCut ? "incomplete" : "completed" }

  private func itemID(_ answer: WireAnswer) -> JSONValue {
    .string((answer.toolName == nil ? "msg_sim" : "fc_sim") + String(answer.serial))
  }

  private func part(_ text: String) -> JSONValue {
    ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
  }

  /// The message or the call; without its content if `text` is nil.
  private func item(_ answer: WireAnswer, text: String?, status: String) -> JSONValue {
    if let name = answer.toolName {
      return [
        "id": itemID(answer), "type": "function_call", "status": .string(status),
        "call_id": .string(answer.callID), "name": .string(name), "arguments": .string(text ?? ""),
      ]
    }
    return [
      "id": itemID(answer), "type": "message", "role": "assistant", "status": .string(status),
      "content": .array(text.map { [part($0)] } ?? []),
    ]
  }

  private func response(_ answer: WireAnswer, status: String, output: JSONValue) -> JSONValue {
    let usage = answer.usage
    return [
      "id": .string("resp_sim\(answer.serial)"), "object": "response", "created_at": .int(answer.created),
      "status": .string(status), "error": nil, "instructions": nil, "metadata": [:],
      "incomplete_details": status == "incomplete" ? ["reason": "max_output_tokens"] : nil,
      "model": .string(answer.model), "output": output, "parallel_tool_calls": true, "temperature": 1,
      "top_p": 1, "tool_choice": "auto", "tools": [], "text": ["format": ["type": "text"]],
      "usage": status == "in_progress" || status == "failed"
        ? nil
        : [
          "input_tokens": .int(usage.input),
          "input_tokens_details": ["cached_tokens": .int(usage.cached), "cache_write_tokens": 0],
          "output_tokens": .int(usage.output), "output_tokens_details": ["reasoning_tokens": 0],
          "total_tokens": .int(usage.total),
        ],
    ]
  }
}
