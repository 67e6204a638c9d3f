import ArgumentParser

/// Requests in, answers out, at the best quality that the budget buys.
struct BatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch",
    abstract: "Sends a file of requests to the offers that are worth their money, never over the budget.",
    discussion: """
      `drayage batch REQUESTS -o OUTPUT --budget USD` works a file off, and goes on with it when it is run again; its other \
      options are told by `drayage batch run --help`.
      """,
    subcommands: [
      BatchRunCommand.self, BatchStatusCommand.self, BatchResumeCommand.self, BatchCancelCommand.self,
    ],
    defaultSubcommand: BatchRunCommand.self)
}
