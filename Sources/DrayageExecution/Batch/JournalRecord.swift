import Drayage
import DrayageCore

/// One line of a batch's journal. What the journal says has happened; what it does not say, has not.
enum JournalRecord {
  /// The first line: a random name for the run, which makes its idempotency keys unlike those of any other.
  case begin(run: String)
  /// An attempt is about to be sent for the row of this digest, and this much is held for it.
  case reserve(AttemptID, digest: UInt64, offer: String, amount: Money, key: String)
  /// An attempt is over without an answer, at this charge.
  case settle(AttemptID, charge: Money, failure: FailureClass)
  /// An attempt was answered: its charge, and the line for the output. One record, so that neither is there
  /// without the other.
  case answer(AttemptID, charge: Money, digest: UInt64, score: Double?, offer: String, output: [UInt8])
  /// A request is given up for good: no later run tries it again.
  case refuse(String, digest: UInt64, code: String, message: String)

  /// One line of JSON, with the newline.
  func encoded() -> [UInt8] {
    switch self {
    case .begin(let run):
      line(JSONText.object(["type": "\"begin\"", "format": "1", "run": JSONText.quoted(run)]))
    case .reserve(let attempt, let digest, let offer, let amount, let key):
      line(
        JSONText.object([
          "type": "\"reserve\"", "id": JSONText.quoted(attempt.request), "attempt": String(attempt.ordinal),
          "digest": String(digest, radix: 16).quotedDigits, "offer": JSONText.quoted(offer),
          "nanodollars": String(amount.nanodollars), "key": JSONText.quoted(key),
        ]))
    case .settle(let attempt, let charge, let failure):
      line(
        JSONText.object([
          "type": "\"settle\"", "id": JSONText.quoted(attempt.request), "attempt": String(attempt.ordinal),
          "nanodollars": String(charge.nanodollars), "failure": JSONText.quoted(failure.rawValue),
        ]))
    case .answer(let attempt, let charge, let digest, let score, let offer, let output):
      line(
        JSONText.object([
          "type": "\"answer\"", "id": JSONText.quoted(attempt.request), "attempt": String(attempt.ordinal),
          "nanodollars": String(charge.nanodollars), "digest": String(digest, radix: 16).quotedDigits,
          "score": score.map(JSONText.number), "offer": JSONText.quoted(offer),
          "output": String(decoding: output, as: UTF8.self),
        ]))
    case .refuse(let id, let digest, let code, let message):
      line(
        JSONText.object([
          "type": "\"refuse\"", "id": JSONText.quoted(id), "digest": String(digest, radix: 16).quotedDigits,
          "code": JSONText.quoted(code), "message": JSONText.quoted(message),
        ]))
    }
  }

  private func line(_ text: String) -> [UInt8] { Array(text.utf8) + [UInt8(ascii: "\n")] }
}

extension String {
  fileprivate var quotedDigits: String { "\"" + self + "\"" }
}
