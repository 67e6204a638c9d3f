import Foundation

/// One job on its way: when which of its requests is due, and what became of those that were.
///
/// A value that is told the time; it answers nothing itself.
struct BatchJob: Sendable {
  enum API: Sendable { case openAI, anthropic }

  /// How a job ended.
  enum End: Sendable { case completed, expired, cancelled, failed }

  /// What became of one request.
  enum Outcome: Sendable, Hashable { case answered, errored, cancelled, expired }

  /// One request: the client's name for it, and what it asks or why it cannot be read.
  struct Item: Sendable {
    let customID: String
    let request: Result<SimulatedRequest, APIError>
  }

  /// Something that kept the whole job from running.
  struct Fault: Sendable {
    let code: String
    let message: String
    var param: String?
    /// The line of the input file, from 1.
    var line: Int?
  }

  /// A result: a line of a file.
  struct Line: Sendable {
    let outcome: Outcome
    let bytes: [UInt8]
  }

  let id: String
  let serial: Int
  let api: API
  let format: any WireFormat
  /// When it was created: in seconds since the server's start, and by how much the clock of jobs was ahead then.
  let created: Double
  let skew: Double
  /// In simulated seconds.
  let delay: Double
  let window: Double
  let fate: BatchFate
  let total: Int
  /// What OpenAI's object says of it besides.
  var endpoint = ""
  var model: String?
  var inputFile = ""
  var metadata: [(key: String, value: String)] = []
  private(set) var items: [Item]
  private(set) var lines: [Line] = []
  private(set) var counts: [Outcome: Int] = [:]
  var usage = AnswerUsage(input: 0, cached: 0, output: 0)
  var faults: [Fault] = []
  /// When it was cancelled and when it ended, in simulated seconds after it was created.
  private(set) var cancelled: Double?
  private(set) var ended: Double?
  private(set) var end: End?
  /// The files of its results, once it has ended.
  var outputFile: String?
  var errorFile: String?

  init(
    id: String, serial: Int, api: API, format: any WireFormat, items: [Item], created: Double, skew: Double,
    behaviour: BatchBehaviour, seed: UInt64
  ) {
    self.id = id
    self.serial = serial
    self.api = api
    self.format = format
    self.items = items
    self.created = created
    self.skew = skew
    total = items.count
    fate = behaviour.fate(ofJob: serial, seed: seed)
    delay = behaviour.delay
    window = fate == .expires ? min(behaviour.window, behaviour.delay) : behaviour.window
  }

  /// How many requests have come to an end.
  var done: Int { lines.count }

  /// How many of the first requests are to have been answered by `elapsed` simulated seconds after the job was
  /// created.
  private func due(by elapsed: Double) -> Int {
    let most = fate == .expires ? total / 2 : total
    let time = min(elapsed, window)
    guard delay > 0, time < delay else { return most }
    return min(most, Int((Double(total) * max(0, time) / delay).rounded(.down)))
  }

  /// The requests to be answered next at `elapsed`; none if the job has ended.
  func next(at elapsed: Double) -> ArraySlice<Item> {
    guard end == nil, faults.isEmpty else { return [] }
    let due = due(by: cancelled ?? elapsed)
    return due > done ? items[done..<due] : []
  }

  /// Notes what became of the next request.
  mutating func add(_ line: Line) {
    lines.append(line)
    counts[line.outcome, default: 0] += 1
  }

  /// How the job ends at `elapsed`, all that is due being done; nil if it does not yet.
  func ending(at elapsed: Double) -> (end: End, at: Double)? {
    guard end == nil else { return nil }
    if !faults.isEmpty { return (.failed, 0) }
    if done == total { return (.completed, min(delay, cancelled ?? delay)) }
    if let cancelled { return (.cancelled, cancelled) }
    return elapsed >= window ? (.expired, window) : nil
  }

  /// What the rest of the requests is called after `end`.
  static func rest(after end: End) -> Outcome { end == .cancelled ? .cancelled : .expired }

  /// Notes the end. The requests are not needed any more.
  mutating func finish(_ end: End, at elapsed: Double) {
    self.end = end
    ended = elapsed
    items = []
  }

  /// Asks for the job to stop at `elapsed`; what was due until then is still answered.
  mutating func cancel(at elapsed: Double) {
    guard end == nil, cancelled == nil else { return }
    cancelled = min(elapsed, window)
  }

  /// The results were put elsewhere.
  mutating func dropLines() { lines = [] }

  /// The results in an order of their own: providers promise none.
  func shuffledLines(seed: UInt64) -> [Line] {
    let keyed = lines.enumerated().map { index, line in
      var hash = StableHash()
      hash.combine(seed)
      hash.combine(id)
      hash.combine(UInt64(index))
      return (hash.value, line)
    }
    return keyed.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
