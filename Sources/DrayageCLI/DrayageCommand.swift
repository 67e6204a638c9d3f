import ArgumentParser

/// The `drayage` program.
@main
struct DrayageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drayage",
    abstract: "Sends every LLM request to the offer that is worth its money, and proves it.",
    discussion: """
      Exit codes: 0 done; 1 failure, such as a file that cannot be read; 2 infeasible: the constraints conflict; \
      3 no offer can serve a request; 4 incomplete: some requests were not answered; 64 wrong usage.
      """,
    version: "0.1.0",
    subcommands: [
      PlanCommand.self, BatchCommand.self, RouteCommand.self, SimulateCommand.self, CatalogCommand.self,
      CalibrateCommand.self, ProfileCommand.self, LedgerCommand.self,
    ])
}

extension ExitCode {
  /// The constraints conflict.
  static let infeasible = ExitCode(2)
  /// No offer can serve a request.
  static let noEligibleOffer = ExitCode(3)
  /// Some requests were not answered within the budget, or the run was stopped.
  static let incomplete = ExitCode(4)
}
