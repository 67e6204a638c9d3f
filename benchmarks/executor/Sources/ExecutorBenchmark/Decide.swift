import ArgumentParser
import Drayage
import DrayageCore

/// Decides and settles without sending anything, and prints the CPU time of each.
struct Decide: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decides and settles without sending anything, and prints the CPU time of each.")

  @Option(help: "The offers to choose from.")
  var offers = 2

  @Option(help: "How many decisions are measured.")
  var decisions = 200_000

  /// What is printed.
  struct Figures: Codable {
    let offers: Int
    /// User and system time of one decision, with its reservation.
    let decideMicroseconds: Double
    /// The same of settling it.
    let settleMicroseconds: Double
  }

  func validate() throws {
    guard (1...1_000).contains(offers) else { throw ValidationError("--offers must be from 1 to 1000") }
    guard (1...100_000_000).contains(decisions) else {
      throw ValidationError("--decisions must be from 1 to 100000000")
    }
  }

  func run() throws {
    let (router, _) = try Market.router(sellers: offers)
    var (deciding, settling) = (0.0, 0.0)
    // In rounds, so that reading the clock does not count; the first is a warm-up.
    for round in 0...max(1, decisions / 1_000) {
      let begun = Resources.cpuSeconds
      let made = try (0..<1_000).map { number in
        try router.decide(
          Request(inputTokens: 100 + number, inputTokenBound: 400 + number, maxOutputTokens: 64))
      }
      let decided = Resources.cpuSeconds
      for decision in made {
        router.settle(Outcome(decision, usage: TokenUsage(input: 100, output: 10)))
      }
      guard round > 0 else { continue }
      deciding += decided - begun
      settling += Resources.cpuSeconds - decided
    }
    let count = Double(max(1, decisions / 1_000) * 1_000)
    let figures = Figures(
      offers: offers, decideMicroseconds: 1e6 * deciding / count,
      settleMicroseconds: 1e6 * settling / count)
    print(try figures.json)
  }
}
