/// The answers given to requests that carried an idempotency key, so that a repeat gets the same answer and
/// is billed once.
///
/// Holds the latest `capacity` keys; older ones are forgotten, as providers do after a day.
struct IdempotencyStore {
  struct Entry {
    /// Of the body, to tell a repeat from a key used twice.
    let digest: Int
    let answer: Answer
  }

  let capacity: Int
  private var entries: [String: Entry] = [:]
  /// A ring of the keys, oldest at `oldest` once it is full.
  private var keys: [String] = []
  private var oldest = 0

  init(capacity: Int) {
    self.capacity = capacity
  }

  subscript(key: String) -> Entry? { entries[key] }

  mutating func insert(_ entry: Entry, for key: String) {
    guard entries.updateValue(entry, forKey: key) == nil else { return }
    if keys.count < capacity {
      keys.append(key)
    } else {
      entries[keys[oldest]] = nil
      keys[oldest] = key
      oldest = (oldest + 1) % capacity
    }
  }
}

/// One answer: enough to write its reply again, byte for byte.
struct Answer {
  /// The recorded query; nil for a request that names none.
  let query: Int?
  let model: Int
  let usage: AnswerUsage
  /// Whether the client's bound on output tokens cut it short.
  let isCut: Bool
  /// Numbers the request.
  let serial: UInt64
  /// The simulated seconds it took.
  let latency: Double
  /// When it was asked for and when it is complete, in seconds since the start.
  let asked: Double
  let ready: Double
  /// When it was asked for, in Unix seconds.
  let created: Int
}
