import ArgumentParser
import Drayage
import DrayageCore
import DrayageExecution
import DrayageLedger

/// Budgets that several batches share.
struct LedgerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Shows and sets the budgets of a ledger, which every batch that is kept in it has to keep.",
    discussion: """
      A ledger is a SQLite file, or postgres://user@host/database; batches are kept in it with --ledger. Each attempt is \
      reserved against every budget that covers it: its batch's own, and those set here.
      """,
    subcommands: [Show.self, Set.self, Remove.self])

  /// Which ledger.
  struct Place: ParsableArguments {
    @Argument(
      help: ArgumentHelp("A SQLite file, or postgres://user@host/database.", valueName: "ledger"))
    var place: LedgerArgument

    /// Opens the ledger for as long as `body` takes.
    ///
    /// - Parameter isMade: whether a file is made if there is none.
    func use<Answer: Sendable>(
      isMade: Bool = false, _ body: (DurableLedger) async throws -> Answer
    ) async throws -> Answer {
      if case .file(let path) = place, !isMade { try LedgerFile.check(path) }
      return try await place.use(body)
    }
  }

  /// The budgets and what has become of them.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Lists the budgets with what is spent and held, and the batches.")

    @OptionGroup var ledger: Place

    @Option(help: "How to print it: text or json.")
    var format: OutputFormat = .text

    func run() async throws {
      let report = try await ledger.use { try await LedgerReport($0) }
      print(format == .json ? try report.json : report.text)
    }
  }

  /// A new budget, or a new limit.
  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Sets a budget, or the limit of one that is there.",
      discussion: """
        What a budget covers, and for how long, is said once: what was counted under it would lose its meaning. A limit below \
        what is spent already only refuses what comes.
        """)

    /// How long spending counts.
    enum Period: String, CaseIterable, ExpressibleByArgument {
      case total, day, month
    }

    @OptionGroup var ledger: Place

    @Argument(help: ArgumentHelp("What the budget is called.", valueName: "name"))
    var name: String

    @Argument(help: ArgumentHelp("The most that may be spent, in dollars.", valueName: "limit"))
    var limit: Money

    @Option(
      help: ArgumentHelp(
        "Which attempts it covers: all, provider:NAME, workload:NAME, tag:NAME or key:NAME.",
        valueName: "scope"))
    var covers: BudgetScopeArgument?

    @Option(help: "For how long spending counts: total, day or month.")
    var per: Period?

    @Option(
      help: ArgumentHelp(
        "Where days and months begin at midnight, such as Europe/Vienna; UTC if not given.",
        valueName: "time zone"))
    var zone: String?

    func validate() throws {
      guard limit >= .zero else { throw ValidationError("A limit is zero or more dollars.") }
      guard zone == nil || per == .day || per == .month else {
        throw ValidationError("--zone says where days and months begin; add --per day or --per month.")
      }
    }

    private var window: Budget.Window? {
      per.map { period in
        switch period {
        case .total: .total
        case .day: .day(zone: zone ?? "UTC")
        case .month: .month(zone: zone ?? "UTC")
        }
      }
    }

    func run() async throws {
      try LedgerCommand.check(name)
      let (scope, window) = (covers?.scope, window)
      let changes = try await ledger.use(isMade: true) { ledger in
        let known = try await ledger.accounts(at: .now).first { $0.budget.name == name }?.budget
        return try await ledger.setBudgets([
          Budget(
            name: name, scope: scope ?? known?.scope ?? .all, window: window ?? known?.window ?? .total,
            limit: limit)
        ])
      }
      switch changes.first {
      case nil: Console.note("\(name) is \(limit), as it was")
      case .added: Console.note("\(name) is \(limit)")
      case .limit(_, let from, let to): Console.note("\(name) is \(to); it was \(from)")
      }
    }
  }

  /// The end of budgets.
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove",
      abstract: "Ends budgets; set anew under the same name, they go on with what was spent.")

    @OptionGroup var ledger: Place

    @Argument(help: ArgumentHelp("What the budgets are called.", valueName: "names"))
    var names: [String]

    func run() async throws {
      for name in names { try LedgerCommand.check(name) }
      try await ledger.use { ledger in
        let known = try await ledger.accounts(at: .now).map(\.budget.name)
        for name in names where !known.contains(name) {
          throw InputError(
            .value, file: name,
            message: "is no budget of this ledger; \(Spelling.advice(for: name, among: known))")
        }
        try await ledger.removeBudgets(named: names)
      }
      Console.note("removed: \(names.joined(separator: ", "))")
    }
  }

  /// The budgets of batches are set with the batches.
  private static func check(_ name: String) throws {
    guard !BatchRunner.isOwnBudget(name) else {
      throw ValidationError(
        "Names that begin with 'batch ' are those of batches' own budgets; run the batch again with another --budget."
      )
    }
  }
}

/// `all`, `provider:openai`, `workload:support`, `tag:nightly` or `key:team-a`.
struct BudgetScopeArgument: ExpressibleByArgument {
  let scope: Budget.Scope

  init?(argument: String) {
    guard argument != "all" else {
      scope = .all
      return
    }
    guard let colon = argument.firstIndex(of: ":") else { return nil }
    let name = String(argument[argument.index(after: colon)...])
    guard (1...200).contains(name.utf8.count) else { return nil }
    switch argument[..<colon] {
    case "provider": scope = .provider(name)
    case "workload": scope = .workload(name)
    case "tag": scope = .tag(name)
    case "key": scope = .key(name)
    default: return nil
    }
  }
}
