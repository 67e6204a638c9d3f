import Drayage
import DrayageCore
import Foundation

/// Vectors as replies hold them.
enum VectorReading {
  /// A vector that is a list of numbers, or base64 of little-endian 32-bit floats; nil if it is neither, is
  /// empty or too long, or holds a value that is not finite.
  static func vector(_ node: JSONNode) -> [Float]? {
    switch node.value {
    case .array(let elements):
      guard (1...EmbeddingLimits.dimensions).contains(elements.count) else { return nil }
      var vector: [Float] = []
      vector.reserveCapacity(elements.count)
      for element in elements {
        guard let value = element.double, Float(value).isFinite else { return nil }
        vector.append(Float(value))
      }
      return vector
    case .string(let text):
      guard text.utf8.count <= EmbeddingLimits.dimensions * 4 / 3 * 4 + 8,
        let data = Data(base64Encoded: text),
        !data.isEmpty, data.count % 4 == 0, data.count / 4 <= EmbeddingLimits.dimensions
      else { return nil }
      let bytes = Array(data)
      var vector: [Float] = []
      vector.reserveCapacity(bytes.count / 4)
      for start in stride(from: 0, to: bytes.count, by: 4) {
        let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
        let value = Float(bitPattern: bits)
        guard value.isFinite else { return nil }
        vector.append(value)
      }
      return vector
    default: return nil
    }
  }

  /// The vectors of `nodes`, one for each text of `request`, all of one length, that of the request if it
  /// states one.
  ///
  /// - Throws: ``FailureClass/malformed``, with `usage`.
  static func vectors(
    _ nodes: some Collection<JSONNode>, for request: EmbeddingRequest, usage: MeteredUsage?
  ) throws(AttemptFailure) -> [[Float]] {
    guard nodes.count == request.texts.count else {
      throw AttemptFailure(
        .malformed, "the answer holds \(nodes.count) vectors for \(request.texts.count) texts", usage: usage)
    }
    var vectors: [[Float]] = []
    for (index, node) in nodes.enumerated() {
      guard let vector = vector(node) else {
        throw AttemptFailure(.malformed, "vector \(index) of the answer is no list of numbers", usage: usage)
      }
      guard vector.count == request.dimensions ?? vectors.first?.count ?? vector.count else {
        throw AttemptFailure(
          .malformed, "vector \(index) of the answer has \(vector.count) dimensions", usage: usage)
      }
      vectors.append(vector)
    }
    return vectors
  }

  /// The object that a reply holds.
  static func object(_ body: [UInt8]) throws(AttemptFailure) -> JSONNode {
    guard let node = JSONNode.reply(body),
      node.isObject
    else { throw AttemptFailure(.malformed, "the answer holds no vectors") }
    return node
  }

  /// The usage of `input` tokens; nil if they are not stated.
  static func usage(_ input: JSONNode?) -> MeteredUsage? {
    ReplyCount.tokens(input).map { MeteredUsage(TokenUsage(input: $0, output: 0)) }
  }
}
