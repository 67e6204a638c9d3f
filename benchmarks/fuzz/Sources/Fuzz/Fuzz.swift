internal import CFuzzer
#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Gives bytes of libFuzzer's to the check that the variable `PARSER` names. A violation ends the process, as
/// a crash does.
@main struct Fuzz {
  private static let check: ParserCheck = {
    let name = getenv("PARSER").map { String(cString: $0) } ?? ""
    guard let check = ParserCheck(rawValue: name) else {
      let names = ParserCheck.allCases.map(\.rawValue).joined(separator: ", ")
      fatalError("PARSER is \"\(name)\"; set it to one of \(names)")
    }
    return check
  }()

  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    let status = LLVMFuzzerRunDriver(&count, &arguments) { start, count in
      do throws(ParserCheck.Violation) {
        try Fuzz.check.run(Array(UnsafeBufferPointer(start: start, count: count)))
      } catch {
        fatalError(error.description)
      }
      return 0
    }
    exit(status)
  }
}
