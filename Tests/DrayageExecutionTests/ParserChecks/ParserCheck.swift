@testable import Drayage
@testable import DrayageCore
@testable import DrayageExecution

/// What must hold of a parser for any bytes whatever: one check for each parser of what comes from outside.
///
/// The bytes choose for themselves what else there is to choose: the dialect, the status, where a stream is
/// cut. The same checks are run on recorded bytes by `CorpusTests` and on new ones by `benchmarks/fuzz`.
enum ParserCheck: String, CaseIterable, Sendable {
  case serverSentEvents = "server-sent-events"
  case awsEventStream = "aws-event-stream"
  case json
  case answer
  case stream
  case failure
  case headers
  case providerText = "provider-text"
  case requestBody = "request-body"
  case batchFile = "batch-file"

  /// What did not hold.
  struct Violation: Error, CustomStringConvertible {
    let description: String
  }

  /// Parses `bytes`.
  ///
  /// - Throws: ``Violation`` if something does not hold of it.
  func run(_ bytes: [UInt8]) throws(Violation) {
    var input = ChoosingBytes(bytes)
    switch self {
    case .serverSentEvents: try Self.checkServerSentEvents(&input)
    case .awsEventStream: try Self.checkAWSEventStream(&input)
    case .json: try Self.checkJSON(bytes)
    case .answer: try Self.checkAnswer(&input)
    case .stream: try Self.checkStream(&input)
    case .failure: try Self.checkFailure(&input)
    case .headers: try Self.checkHeaders(bytes)
    case .providerText: try Self.checkProviderText(bytes)
    case .requestBody: try Self.checkRequestBody(&input)
    case .batchFile: try Self.checkBatchFile(bytes)
    }
  }

  static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(Violation) {
    guard condition else { throw Violation(description: message()) }
  }

  static func parse(_ bytes: [UInt8]) -> JSONNode? { try? JSONNode.parse(bytes, file: "input") }

  /// One line, short, and without control characters.
  static func checkShown(_ text: String, most: Int) throws(Violation) {
    try require(text.unicodeScalars.count <= most, "\(text.unicodeScalars.count) characters are shown")
    try require(
      text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
      "a control character is shown: \(text.debugDescription)")
  }
}

/// Bytes the first of which make choices.
struct ChoosingBytes {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// One of `values`, by the next byte; the first if there is none.
  mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int(rest.popFirst() ?? 0) % values.count]
  }

  /// The lengths, 1 or more, of the pieces that the remaining bytes come in, over and over.
  mutating func lengths() -> [Int] {
    (0..<pick(Array(0...4))).map { _ in Int(rest.popFirst() ?? 0) + 1 }
  }
}

extension Array<UInt8> {
  /// The pieces of these lengths, over and over; one piece without any.
  func cut(_ lengths: [Int]) -> [[UInt8]] {
    guard !lengths.isEmpty else { return [self] }
    var pieces: [[UInt8]] = []
    var start = 0
    while start < count {
      let end = Swift.min(count, start + lengths[pieces.count % lengths.count])
      pieces.append(Array(self[start..<end]))
      start = end
    }
    return pieces
  }
}
