import Drayage
import DrayageCore

/// Lines of the output file: the OpenAI batch output format, plus a `drayage` object.
enum BatchLine {
  /// An answered request.
  static func answered(
    _ row: BatchRow, run: String, answer: BatchAnswer, offer: OfferID, expected: Double, cost: Money,
    attempts: Int
  ) -> [UInt8] {
    let response = JSONText.object([
      "status_code": String(answer.status),
      "request_id": answer.requestID.map { JSONText.quoted($0) } ?? "null",
      "body": String(decoding: oneLine(answer.body), as: UTF8.self),
    ])
    return line(
      row.line, row.customID, run, response: response, error: "null",
      drayage: JSONText.object([
        "offer": JSONText.quoted(offer.description), "cost_usd": JSONText.quoted(cost.decimal),
        "attempts": String(attempts), "latency_s": JSONText.number(answer.latency),
        "score": answer.score.map(JSONText.number), "expected": JSONText.number(expected),
      ]))
  }

  /// A request that says the same as another one, and ends as that did.
  ///
  /// - Parameters:
  ///   - number: its line, and `customID` its id.
  ///   - original: the line of the output of the other one, and `text` the same as it is written.
  static func copied(
    _ number: Int, _ customID: String?, run: String, of original: JSONNode, _ text: [UInt8]
  ) -> [UInt8] {
    func same(_ key: String) -> String {
      original[named: key].map { String(decoding: text[$0.range], as: UTF8.self) } ?? "null"
    }
    let route = original["drayage"]
    return line(
      number, customID, run, response: same("response"), error: same("error"),
      drayage: JSONText.object([
        "offer": route?["offer"]?.string.map { JSONText.quoted($0) } ?? "null",
        "cost_usd": JSONText.quoted(Money.zero.decimal), "attempts": "0", "copy_of": same("custom_id"),
        "score": route?["score"]?.double.map(JSONText.number),
        "expected": route?["expected"]?.double.map(JSONText.number),
      ]))
  }

  /// A request that was not answered, and why.
  ///
  /// - Parameter customID: `nil` for a line that has no id of its own.
  static func failed(
    line: Int, customID: String?, run: String, code: String, message: String, cost: Money = .zero,
    attempts: Int = 0
  ) -> [UInt8] {
    self.line(
      line, customID, run, response: "null",
      error: JSONText.object(["code": JSONText.quoted(code), "message": JSONText.quoted(message)]),
      drayage: JSONText.object([
        "offer": "null", "cost_usd": JSONText.quoted(cost.decimal), "attempts": String(attempts),
      ]))
  }

  private static func line(
    _ number: Int, _ customID: String?, _ run: String, response: String, error: String, drayage: String
  ) -> [UInt8] {
    Array(
      JSONText.object([
        "id": JSONText.quoted("batch_req_\(run)_\(number)"),
        "custom_id": customID.map { JSONText.quoted($0) } ?? "null",
        "response": response, "error": error, "drayage": drayage,
      ]).utf8)
  }

  /// A JSON text without line breaks: outside strings they are only space, and inside they are escaped.
  private static func oneLine(_ json: [UInt8]) -> [UInt8] {
    json.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }
  }
}
