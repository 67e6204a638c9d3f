import ArgumentParser
import DrayageTesting

/// Times the solver on generated instances and writes them down for other solvers.
@main
struct SolverBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solver-benchmark",
    abstract: "Times the solver on generated instances and writes them down for other solvers.",
    subcommands: [Run.self, Families.self])

  /// Lists the families of instances.
  struct Families: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the families of instances.")

    func run() {
      for family in ChoiceInstances.families {
        print(family.name + String(repeating: " ", count: max(1, 22 - family.name.count)) + family.summary)
      }
    }
  }
}
