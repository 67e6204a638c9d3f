import DrayageProfiles
import Foundation

do {
  let options = try Options(Array(CommandLine.arguments.dropFirst()))
  let files = try options.texts.map { try TextFile(path: $0) }
  if options.counters {
    printCounters(of: files)
  } else {
    try compare(files, options)
  }
} catch let error as UsageError {
  print("\(error.message)\n\n\(Options.usage)")
  exit(64)
} catch {
  print("\(error)")
  exit(1)
}

func printCounters(of files: [TextFile]) {
  for file in files {
    let runs = TextRuns(file.text)
    let numbers = [runs.byteCount, runs.stableByteCount, runs.otherByteCount] + runs.counts
    print(file.path, numbers.map(String.init).joined(separator: " "), separator: "\t")
  }
}

func compare(_ files: [TextFile], _ options: Options) throws {
  let parts = files.flatMap { file in file.parts(of: options.chunk).map { (kind: file.kind, text: $0) } }
  for (family, pattern, path) in options.vocabularies {
    let vocabulary: Vocabulary
    do {
      vocabulary = try Vocabulary(
        tiktoken: Data(contentsOf: URL(fileURLWithPath: path)), pattern: pattern)
    } catch let error as VocabularyError {
      throw UsageError("\(path): \(error)")
    }
    report(family, vocabulary, parts)
  }
  printSpeed(parts.map(\.text).joined())
}

func report(_ family: TokenFamily, _ vocabulary: Vocabulary, _ parts: [(kind: String, text: String)]) {
  let estimator = TokenEstimator(family)
  var kinds: [String: Comparison] = [:]
  // The table of character classes is made at the first use.
  _ = vocabulary.count("é")
  let start = clock()
  let counts = parts.map { vocabulary.count($0.text) }
  let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
  for (part, count) in zip(parts, counts) {
    kinds[part.kind, default: Comparison()].add(estimator.estimate(part.text), actual: count)
  }
  var total = Comparison()
  var rows = [["kind", "texts", "median", "p95", "bias", "over high", "max actual/bound"]]
  for (kind, comparison) in kinds.sorted(by: { $0.key < $1.key }) {
    rows.append([kind] + comparison.row)
    total.add(comparison)
  }
  rows.append(["all"] + total.row)
  print("\n\(family.name)")
  printTable(rows)
  let bytes = parts.reduce(0) { $0 + $1.text.utf8.count }
  print("exact count: \(fixed(Double(bytes) / seconds / 1e6, 1)) MB/s of CPU time")
}

func printSpeed(_ text: String) {
  let repetitions = max(1, 200_000_000 / max(1, text.utf8.count))
  var words = 0
  let start = clock()
  for _ in 0..<repetitions { words &+= TextRuns(text).counts[0] }
  let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
  let speed = Double(text.utf8.count) * Double(repetitions) / seconds / 1e6
  print("\nestimate: \(fixed(speed, 0)) MB/s of CPU time over \(text.utf8.count) bytes (check \(words))")
}
