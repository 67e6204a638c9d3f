internal import DrayageCore

/// A budget in the tables of either store.
struct BudgetRow: Equatable {
  let name: String
  let scope: String
  /// Empty for all.
  let scopeName: String
  let window: String
  /// Empty for the total.
  let zone: String
  let nanodollars: Int64
}

extension BudgetRow {
  init(_ budget: Budget) {
    name = budget.name
    (scope, scopeName) =
      switch budget.scope {
      case .all: ("all", "")
      case .key(let name): ("key", name)
      case .workload(let name): ("workload", name)
      case .tag(let name): ("tag", name)
      case .provider(let name): ("provider", name)
      }
    (window, zone) =
      switch budget.window {
      case .total: ("total", "")
      case .day(let zone): ("day", zone)
      case .month(let zone): ("month", zone)
      }
    nanodollars = budget.limit.nanodollars
  }

  /// The budget, if this row is one that ``init(_:)`` can have made.
  ///
  /// - Throws: ``BrokenTables`` if not: a budget that is not understood must not be passed over.
  func budget() throws -> Budget {
    let scope: Budget.Scope =
      switch self.scope {
      case "all": .all
      case "key": .key(scopeName)
      case "workload": .workload(scopeName)
      case "tag": .tag(scopeName)
      case "provider": .provider(scopeName)
      default: throw BrokenTables.value(table: "budget", column: "scope")
      }
    let window: Budget.Window =
      switch self.window {
      case "total": .total
      case "day": .day(zone: zone)
      case "month": .month(zone: zone)
      default: throw BrokenTables.value(table: "budget", column: "period")
      }
    guard window == .total || BudgetCalendar.knows(zone: zone) else {
      throw BrokenTables.value(table: "budget", column: "zone")
    }
    return Budget(name: name, scope: scope, window: window, limit: Money(nanodollars: nanodollars))
  }
}
