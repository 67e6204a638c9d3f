import DrayageCore
import DrayageTesting
import Testing

/// Every sequence of representative events up to a depth, each then run to its end, and long random ones,
/// against rules stated apart from the machine.
@Suite("Attempt machine, explored") struct AttemptExplorationTests {
  typealias Machine = AttemptMachine

  static let chains: [[Machine.Candidate]] = [
    [.init(domain: "a")], [.init(domain: "a", context: 8), .init(domain: "b", context: 8)],
    [.init(domain: "a", context: 8), .init(domain: "a"), .init(domain: "b", context: 16)],
  ]
  static let policies: [Machine.Policy] = [
    .init(attemptsPerOffer: 1, attempts: 1), .init(attemptsPerOffer: 1, attempts: 8),
    .init(attemptsPerOffer: 2, attempts: 3), .init(attemptsPerOffer: 2, attempts: 8, longestBackoff: 0.75),
    .init(attemptsPerOffer: 3, attempts: 8, patience: 0, longestWait: 5),
    .init(attemptsPerOffer: 2, attempts: 4, hedge: true),
  ]

  @Test(arguments: chains, policies)
  func `keeps its rules on every path`(chain: [Machine.Candidate], policy: Machine.Policy) {
    var exploration = AttemptExploration()
    exploration.explore(Self.start(chain, policy), depth: 3, kinds: AttemptExploration.kinds)
    let depth = chain.count < 3 ? 5 : 4
    exploration.explore(Self.start(chain, policy), depth: depth, kinds: AttemptExploration.fewKinds)
    #expect(exploration.faults == [])
    // The paths are many and end in both ways.
    #expect(exploration.finished > 0)
    #expect(exploration.gaveUp >= 8)
    #expect(exploration.waits > 0 || policy.attempts == 1)
    #expect(exploration.hedged > 0 || !policy.hedge || chain.count == 1)
  }

  @Test func `keeps its rules on random paths`() {
    var ended = 0
    for seed in UInt64(0)..<400 {
      var random = SplitMix64(seed: seed)
      let chain = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        Machine.Candidate(
          domain: ["a", "b", "c"].randomElement(using: &random) ?? "a",
          context: [nil, 4, 8, 16].randomElement(using: &random) ?? nil)
      }
      let policy = Machine.Policy(
        attemptsPerOffer: .random(in: 1...4, using: &random), attempts: .random(in: 1...10, using: &random),
        longestBackoff: [0.25, 4, 20].randomElement(using: &random) ?? 4,
        patience: [0, 1, 8].randomElement(using: &random) ?? 1,
        longestWait: [0, 5, 60].randomElement(using: &random) ?? 60,
        postponements: .random(in: 0...12, using: &random), hedge: .random(using: &random))
      var exploration = AttemptExploration()
      exploration.walk(Self.start(chain, policy), &random)
      #expect(exploration.faults == [], "seed \(seed)")
      ended += exploration.finished + exploration.gaveUp
    }
    #expect(ended == 400)
  }

  private static func start(_ chain: [Machine.Candidate], _ policy: Machine.Policy)
    -> AttemptExploration.Path
  {
    .init(machine: Machine(chain: chain, policy: policy), rules: AttemptRules(chain: chain, policy: policy))
  }
}

/// Walks the tree of events.
private struct AttemptExploration {
  typealias Machine = AttemptMachine
  typealias Kind = @Sendable (Int) -> Machine.Event

  struct Path {
    var machine: Machine
    var rules: AttemptRules
    var now = 0.0
    var steps = 0
  }

  /// Enough to go deep with.
  static let fewKinds: [Kind] = [
    { .failed(at: $0, .overloaded) }, { .failed(at: $0, .rateLimited, retryAfter: 5) },
    { .failed(at: $0, .timeout) }, { .unavailable(at: $0, for: 2) }, { .answered(at: $0) }, { _ in .slow },
  ]
  /// One of each kind that the machine tells apart, with waits below, at and above what policies allow.
  static let kinds: [Kind] =
    fewKinds + [
      { .failed(at: $0, .connectionLost, retryAfter: 60) },
      { .failed(at: $0, .rateLimited, retryAfter: 60.5) },
      { .failed(at: $0, .timeout, repeatable: true) }, { .failed(at: $0, .contentFilter, repeatable: true) },
      { .failed(at: $0, .badRequest) }, { .failed(at: $0, .cancelled, retryAfter: 1, repeatable: true) },
      { .failed(at: $0, .interrupted, repeatable: true) }, { .failed(at: $0, .unauthorized) },
      { .failed(at: $0, .unreachable, retryAfter: 2) }, { .failed(at: $0, .contextTooLong) },
      { .unavailable(at: $0, for: 1) }, { .unavailable(at: $0, for: 61) }, { .unavailable(at: $0, for: nil) },
      { .notAffordable(at: $0) }, { .retryRefused(at: $0) },
    ]

  /// The first few.
  private(set) var faults: Set<String> = []
  private(set) var finished = 0
  private(set) var gaveUp = 0
  private(set) var waits = 0
  private(set) var hedged = 0

  mutating func explore(_ path: Path, depth: Int, kinds: [Kind]) {
    for kind in kinds {
      for place in path.rules.due.keys.sorted() {
        var path = path
        let event = kind(place)
        if event == .slow, place != path.rules.due.keys.min() { continue }
        step(&path, event)
        if path.rules.isOver { continue }
        if depth > 1 {
          explore(path, depth: depth - 1, kinds: kinds)
        } else {
          finish(path, kind)
        }
      }
    }
  }

  /// The same happens again and again until the end; what no event ends is answered in the end.
  private mutating func finish(_ path: Path, _ kind: Kind) {
    var path = path
    for _ in 0..<3 where !path.rules.isOver { step(&path, kind(path.rules.due.keys.min() ?? 0)) }
    while !path.rules.isOver, path.steps < 40 {
      step(&path, .failed(at: path.rules.due.keys.min() ?? 0, .serverError))
    }
    if !path.rules.isOver { note("does not end", path) }
  }

  mutating func walk(_ start: Path, _ random: inout SplitMix64) {
    var path = start
    while !path.rules.isOver, path.steps < 200 {
      let due = path.rules.due.keys.sorted()
      // Now and then an event of a place that nothing is under way at.
      let place =
        Int.random(in: 0..<10, using: &random) == 0
        ? Int.random(in: -1...path.rules.chain.count, using: &random) : due.randomElement(using: &random) ?? 0
      // Answers end a path, so they are rare.
      guard let kind = Self.kinds.randomElement(using: &random) else { return }
      let event = kind(place)
      if event == .answered(at: place), Int.random(in: 0..<4, using: &random) > 0 { continue }
      step(&path, event)
    }
    if !path.rules.isOver { note("does not end", path) }
    for place in path.rules.chain.indices {
      if path.machine.handle(.answered(at: place), at: path.now, jitter: 0) != .wait {
        note("goes on after the end", path)
      }
    }
  }

  private mutating func step(_ path: inout Path, _ event: Machine.Event) {
    // Exact in binary, so that times can be compared.
    let jitter = [0, 1, 0.5][path.steps % 3]
    let place = AttemptRules.place(of: event) ?? 0
    path.now = max(path.now, path.rules.due[place] ?? 0) + [0.25, 0, 3][path.steps % 3]
    path.steps += 1
    let expected = path.rules.follow(event, at: path.now, jitter: jitter)
    let action = path.machine.handle(event, at: path.now, jitter: jitter)
    if action != expected { note("\(action), not \(expected), after \(event)", path) }
    for fault in path.rules.begin(action, at: path.now) { note(fault, path) }
    if path.machine.attempts != path.rules.sent { note("counts \(path.machine.attempts) sent", path) }
    if path.machine.underWay.sorted() != path.rules.due.keys.sorted() { note("loses count", path) }
    switch action {
    case .finish: finished += 1
    case .giveUp: gaveUp += 1
    case .wait: break
    case .attempt(_, let after):
      if after > 0 { waits += 1 }
      if event == .slow { hedged += 1 }
    }
  }

  private mutating func note(_ fault: String, _ path: Path) {
    if faults.count < 5 { faults.insert("\(fault): \(path.rules.history.map(\.event))") }
  }
}
