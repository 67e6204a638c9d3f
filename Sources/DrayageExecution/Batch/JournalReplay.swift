import Drayage
import DrayageCore

/// What a journal says has happened: the state from which a run goes on.
struct JournalReplay {
  /// One attempt that was reserved and of which nothing more is known: it may or may not have been sent and
  /// billed.
  struct Orphan {
    let attempt: AttemptID
    /// Of the row as it was when the attempt was reserved.
    let digest: UInt64
    let offer: String
    let amount: Money
    let key: String
  }

  /// An answered request.
  struct Finished {
    let digest: UInt64
    /// The line for the output.
    let output: [UInt8]
    /// What the attempt that was answered cost.
    let charge: Money
    let offer: String
    let score: Double?
  }

  /// A request given up for good.
  struct Refused {
    let digest: UInt64
    let code: String
    let message: String
  }

  /// The name of the run; `nil` for an empty journal.
  private(set) var run: String?
  /// What all settled attempts have cost.
  private(set) var spent = Money.zero
  /// The requests that are answered, by id.
  private(set) var finished: [String: Finished] = [:]
  /// The requests that are given up for good, by id.
  private(set) var refused: [String: Refused] = [:]
  /// Reservations without an end.
  private(set) var orphans: [String: Orphan] = [:]
  /// The highest ordinal of each request's attempts.
  private(set) var attempts: [String: Int] = [:]
  /// What the attempts of each request have cost so far.
  private(set) var charges: [String: Money] = [:]

  /// The bytes up to the end of the last complete line; what follows is a record that a crash left
  /// unfinished.
  private(set) var length = 0

  private static let opening = Array(#"{"type":""#.utf8)
  private static let mostAttempts = 1_000_000

  private let file: String
  /// The sum of all amounts named.
  private var named: Int64 = 0

  /// Replays `bytes`; what an unfinished last line says has not happened.
  ///
  /// - Throws: ``InputError`` with the line if the journal is not one.
  init(_ bytes: [UInt8], file: String) throws(InputError) {
    self.file = file
    var line = 0
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      line += 1
      let text = Array(bytes[start..<end])
      try apply(try JSONNode.parse(text, file: file, firstLine: line), text, line)
      start = end + 1
    }
    length = start
    // Of a file that is something else, nothing may be cut off as unfinished.
    guard zip(bytes[start...], Self.opening).allSatisfy(==) else { throw fault(line + 1) }
  }

  private func fault(_ line: Int) -> InputError {
    InputError(
      .syntax, file: file, line: line,
      message:
        "is not a line of a batch journal; write the output elsewhere, or remove this file to start anew")
  }

  private mutating func apply(_ node: JSONNode, _ text: [UInt8], _ line: Int) throws(InputError) {
    let fault = fault(line)
    if node["type"]?.string == "begin" {
      guard let run = node["run"]?.string, node["format"]?.integer == 1 else { throw fault }
      self.run = run
      return
    }
    guard run != nil, let id = node["id"]?.string else { throw fault }
    if node["type"]?.string == "refuse" {
      guard let code = node["code"]?.string, let message = node["message"]?.string, let digest = digest(node)
      else { throw fault }
      refused[id] = Refused(digest: digest, code: code, message: message)
      return
    }
    guard let ordinal = node["attempt"]?.integer, (1...Self.mostAttempts).contains(ordinal),
      let amount = node["nanodollars"]?.integer, amount >= 0
    else { throw fault }
    // So that no sum of some of them overflows.
    let (sum, overflow) = named.addingReportingOverflow(Int64(amount))
    guard !overflow else { throw fault }
    named = sum
    let attempt = AttemptID(request: id, ordinal: ordinal)
    let charge = Money(nanodollars: Int64(amount))
    switch node["type"]?.string {
    case "reserve":
      guard let offer = node["offer"]?.string, let key = node["key"]?.string, let digest = digest(node)
      else { throw fault }
      guard orphans[id] == nil else { throw fault }
      attempts[id] = max(attempts[id] ?? 0, ordinal)
      orphans[id] = Orphan(attempt: attempt, digest: digest, offer: offer, amount: charge, key: key)
    case "settle":
      guard settle(attempt, charge) else { throw fault }
    case "answer":
      guard let output = node["output"], let digest = digest(node), let offer = node["offer"]?.string
      else { throw fault }
      guard settle(attempt, charge) else { throw fault }
      finished[id] = Finished(
        digest: digest, output: Array(text[output.range]), charge: charge, offer: offer,
        score: node["score"]?.double)
    default: throw fault
    }
  }

  /// Counts a charge; `false` if the attempt has no open reservation, as it would at the second time.
  private mutating func settle(_ attempt: AttemptID, _ charge: Money) -> Bool {
    guard orphans[attempt.request]?.attempt == attempt else { return false }
    orphans[attempt.request] = nil
    spent += charge
    charges[attempt.request, default: .zero] += charge
    return true
  }

  private func digest(_ node: JSONNode) -> UInt64? {
    node["digest"]?.string.flatMap { UInt64($0, radix: 16) }
  }
}
