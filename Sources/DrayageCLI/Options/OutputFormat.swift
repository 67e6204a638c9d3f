import ArgumentParser

/// How a report is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}
