import DrayageProfiles

/// What the command line asks for.
struct Options {
  static let usage = """
    usage: tokens-benchmark --vocabulary FAMILY[:PATTERN]=FILE.tiktoken ... TEXT...
           tokens-benchmark --counters TEXT...

    Compares estimated with exact token counts. Each TEXT is a UTF-8 file; its kind is its folder's name.
      --vocabulary  the family to estimate for and its vocabulary; may be given several times. The pattern
                    is cl100k, o200k, llama3, qwen, tekken or gpt2, and needed only where it is not the
                    family's name
      --chunk N     cut each text into parts of N bytes (default 8000)
      --counters    print the counters of each text, for fit.py: path, bytes, bytes of stable and of other
                    scripts, counters
    """

  var vocabularies: [(family: TokenFamily, pattern: PreTokenizer, path: String)] = []
  var chunk = 8_000
  var counters = false
  var texts: [String] = []

  init(_ arguments: [String]) throws(UsageError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--counters": counters = true
      case "--chunk":
        guard let value = rest.popFirst().flatMap({ Int($0) }), value > 0 else {
          throw UsageError("--chunk needs a number of bytes above 0")
        }
        chunk = value
      case "--vocabulary":
        guard let value = rest.popFirst() else { throw UsageError("--vocabulary needs FAMILY=FILE") }
        try vocabularies.append(Options.vocabulary(value))
      default:
        if argument.hasPrefix("--") { throw UsageError("unknown option \(argument)") }
        texts.append(argument)
      }
    }
    if texts.isEmpty { throw UsageError("no texts") }
    if vocabularies.isEmpty && !counters { throw UsageError("no --vocabulary") }
  }

  private static func vocabulary(
    _ value: String
  ) throws(UsageError) -> (TokenFamily, PreTokenizer, String) {
    guard let equals = value.firstIndex(of: "=") else {
      throw UsageError("--vocabulary \(value): expected FAMILY=FILE")
    }
    let names = value[..<equals].split(separator: ":")
    guard let name = names.first, let family = TokenFamily.all.first(where: { $0.name == name }) else {
      let known = TokenFamily.all.map(\.name).joined(separator: ", ")
      throw UsageError("--vocabulary \(value): the family is one of \(known)")
    }
    guard let pattern = PreTokenizer(named: String(names.last ?? "")) else {
      throw UsageError("--vocabulary \(value): add the pattern, as in \(name):o200k=FILE")
    }
    return (family, pattern, String(value[value.index(after: equals)...]))
  }
}

/// A mistake on the command line.
struct UsageError: Error {
  let message: String

  init(_ message: String) { self.message = message }
}
