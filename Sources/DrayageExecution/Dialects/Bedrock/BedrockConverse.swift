internal import Drayage
package import DrayageCore

/// Amazon Bedrock's Converse and ConverseStream.
///
/// Wire format: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html. A key written
/// as `ACCESS:SECRET` or `ACCESS:SECRET:TOKEN` signs requests; any other is sent as a bearer's
/// (https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html).
package struct BedrockConverse: Dialect {
  package init() {}

  package var framing: StreamFraming { .awsEventStream }

  package func request(_ call: Call, to target: Target) throws(Rejection) -> HTTPRequest {
    let chat: ChatRequest
    do { chat = try call.body.chat() } catch { throw .inexpressible(error.message) }
    let body = try BedrockRequest(chat, outputLimit: call.outputLimit, to: target.offer)
    var fields: HTTPFields = [
      "content-type": "application/json",
      "accept": call.streams ? "application/vnd.amazon.eventstream" : "application/json",
    ]
    var signing: AWSSigning?
    if let key = target.key {
      if let keys = AWSSigning(keys: key, region: Self.region(of: target.baseURL) ?? "", service: "bedrock") {
        guard !keys.region.isEmpty else {
          throw .unreachable(
            "the address names no region to sign for; see bedrock-runtime.REGION.amazonaws.com")
        }
        signing = keys
      } else {
        target.authorize(&fields)
      }
    }
    if let header = target.idempotencyHeader {
      fields.append(call.idempotencyKey, for: header)
    }
    let model = target.offer.wireModel.utf8.reduce(into: "") { result, byte in
      if byte.isUnreserved {
        result.append(Character(Unicode.Scalar(byte)))
      } else {
        result += byte.percentEncoded
      }
    }
    return HTTPRequest(
      method: "POST", url: target.url("/model/\(model)/converse" + (call.streams ? "-stream" : "")),
      fields: fields, body: Array(body.json.utf8), timeouts: call.timeouts,
      limits: HTTPRequest.Limits(bodyBytes: ReplyLimits.bytes), signing: signing)
  }

  /// The region in an address such as `https://bedrock-runtime.us-east-1.amazonaws.com`, also behind a private
  /// endpoint's name or with `-fips`; nil if there is none.
  static func region(of address: String) -> String? {
    guard let scheme = address.firstRange(of: "://") else { return nil }
    let labels = address[scheme.upperBound...].prefix { !"/:?#".contains($0) }
      .split(separator: ".", omittingEmptySubsequences: false)
    guard
      let service = labels.firstIndex(where: { ["bedrock-runtime", "bedrock-runtime-fips"].contains($0) }),
      labels.indices.contains(service + 2), !labels[service + 1].isEmpty,
      labels[service + 1].utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") })
    else { return nil }
    return String(labels[service + 1])
  }

  package func stream() -> any AnswerStream { BedrockStream() }
}
