public import DrayageCore

/// Looks over price files for what reading them does not refuse: figures without a source, old or odd ones,
/// models on their way out.
public struct CatalogCheck {
  /// How many days after it was checked a price is stale.
  public static let freshDays: Int64 = 90
  /// How many days ahead a retirement is reported.
  public static let retirementDays = Offer.retirementNoticeDays
  /// How many times its cheapest sibling's price a price must be to be reported.
  public static let oddRatio: Int64 = 10

  let today: UTCInstant
  private var findings: [CatalogFinding] = []

  /// What is found in `files` as of `today`, by file and line; empty if all is well.
  ///
  /// A file that cannot be read is a finding, and the others are checked all the same.
  public static func findings(in files: [CatalogSource], today: UTCInstant) -> [CatalogFinding] {
    var check = CatalogCheck(today: today)
    var read: [CatalogFile] = []
    for source in files {
      do {
        read.append(try CatalogFile(reading: source))
      } catch {
        check.add(.error, file: error.file, line: error.line, key: error.key, error.message)
      }
    }
    for file in read { check.look(at: file) }
    check.lookForDuplicates(in: read)
    check.lookForOddPrices(in: read)
    return check.findings.sorted { ($0.file, $0.line ?? 0, $0.message) < ($1.file, $1.line ?? 0, $1.message) }
  }

  private init(today: UTCInstant) {
    self.today = today
  }

  private mutating func add(
    _ severity: CatalogFinding.Severity, file: String, line: Int?, key: String?, _ message: String
  ) {
    findings.append(CatalogFinding(severity: severity, file: file, line: line, key: key, message: message))
  }

  /// Adds a finding about an entry of `file`.
  mutating func add<Value>(
    _ severity: CatalogFinding.Severity, _ file: CatalogFile, _ entry: CatalogFile.Entry<Value>,
    _ message: String
  ) {
    add(severity, file: file.name, line: entry.line, key: entry.key, message)
  }

  private mutating func look(at file: CatalogFile) {
    if file.endpoint == nil {
      add(
        .warning, file: file.name, line: nil, key: "api",
        "it is not stated where requests are sent; add 'api' with its dialect and base_url")
    }
    for quota in file.quotas { lookAtOrigin(of: quota, in: file, holds: true) }
    for capacity in file.capacity {
      lookAtOrigin(of: capacity, in: file, holds: true)
      lookAtUnknownPrices(of: capacity, in: file)
    }
    for block in file.blocks {
      lookAtRetirement(of: block, in: file)
      lookAtCapabilities(of: block, in: file)
      lookAtSheets(of: block, in: file)
      for sheet in block.value.sheets {
        lookAtOrigin(of: sheet, in: file, holds: today < sheet.value.end)
        lookAtConfirmation(of: sheet, in: file)
        lookAtUnknownPrices(of: sheet, in: file)
        lookAtRates(of: sheet, in: file)
        lookAtRules(of: sheet, in: file)
      }
    }
  }
}
