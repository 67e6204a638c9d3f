import Drayage
import DrayageCore
import Testing

@Suite("Catalog check") struct CatalogCheckTests {
  private func findings(_ sources: [CatalogSource], on day: String = "2026-11-21") throws -> [CatalogFinding]
  {
    CatalogCheck.findings(in: sources, today: try UTCInstant(day))
  }

  @Test func thePackagesFilesHaveNoFindingsButComingRetirements() throws {
    let sources = try CatalogLoader.sources(in: CatalogFixtures.directory)
    for finding in try findings(sources) {
      #expect(
        finding.severity == .warning && finding.message.contains("days; plan to leave it"), "\(finding)")
    }
  }

  @Test func aSoundFileHasNoFindings() throws {
    #expect(try findings([CatalogSource(name: "acme.json", text: CatalogFixtures.sound)]).isEmpty)
  }

  @Test(
    arguments: [
      (
        #""source": "price", "checked": "2026-11-01","#, #""source": "pricelist", "checked": "2026-11-01","#,
        CatalogFinding.Severity.error, "offers[0].rates[1]", "no source is called 'pricelist'"
      ),
      (
        #""2026-06-01", "source": "price","#, #""2026-06-01","#, .error, "offers[0].rates[0]",
        "no source is stated"
      ),
      (#", "checked": "2026-11-01"}]"#, "}]", .warning, "quota[0]", "not stated when this was checked"),
      (
        #""source": "price", "checked": "2026-11-01","#, #""source": "price","#, .warning,
        "offers[0].rates[1]",
        "not stated when this was checked"
      ),
      (
        #""source": "price", "checked": "2026-11-01","#, #""source": "price", "checked": "2026-08-22","#,
        .warning,
        "offers[0].rates[1]", "last checked on 2026-08-22, 91 days ago"
      ),
      (
        #""source": "price", "checked": "2026-11-01","#, #""source": "price", "checked": "2026-11-22","#,
        .error,
        "offers[0].rates[1]", "yet to come"
      ),
      (
        #""model": "m-1","#, #""model": "m-1", "status": {"retires": "2026-11-21"},"#, .warning, "offers[0]",
        "m-1 retired on 2026-11-21"
      ),
      (
        #""model": "m-1","#, #""model": "m-1", "status": {"retires": "2026-12-21"},"#, .warning, "offers[0]",
        "m-1 retires on 2026-12-21, in 30 days"
      ),
      (
        #""model": "m-1","#, #""model": "m-1", "aliases": ["m-1"],"#, .error, "offers[0]",
        "'m-1' is the name or an alias"
      ),
      (
        #"["tools"]"#, #"["toools"]"#, .warning, "offers[0]",
        "no capability 'toools' is known; did you mean 'tools'?"
      ),
      (
        #""until": "2026-06-01""#, #""until": "2026-05-31""#, .warning, "offers[0].rates[1]",
        "no prices are known between 2026-05-31T00:00:00Z and 2026-06-01T00:00:00Z"
      ),
      (
        #""until": "2026-06-01""#, #""until": "2026-06-02""#, .error, "offers[0]",
        "begins before the one before it ends"
      ),
      (
        #""from": "2026-06-01","#, #""from": "2026-06-01", "until": "2026-11-21","#, .error,
        "offers[0].rates[1]",
        "the last prices ended at 2026-11-21T00:00:00Z"
      ),
      (
        #""from": "2026-06-01","#, #""from": "2026-06-01", "planned": "2026-11-21","#, .warning,
        "offers[0].rates[1]",
        "to be checked again on 2026-11-21"
      ),
      (
        #""cache_read": "0.1""#, #""cache_read": "1.01""#, .warning, "offers[0].rates[1]",
        "a cached read costs more than fresh input"
      ),
      (#""out": "4""#, #""out": "0.99""#, .warning, "offers[0].rates[1]", "output costs less than input"),
      (
        #""out": "4""#, #""out": null"#, .warning, "offers[0].rates[1]",
        "'offers[0].rates[1].base.out' is null"
      ),
      (#""out": "4", "#, "", .error, "offers[0].rates[1]", "there is no price for out"),
      (
        #"["std"]"#, #"["std", "std"]"#, .error, "offers[0].rates[1]",
        "the rule 'service batch' never applies"
      ),
      (
        #"["std"]"#,
        #"[{"group": "context", "when": {"input_over": 10}, "mul": "2"},"#
          + #"{"group": "context", "when": {"input_over": 20}, "mul": "3"}]"#,
        .error, "offers[0].rates[1]", "the rule 'input over 20' never applies"
      ),
      (
        #"["std"]"#,
        #"[{"group": "time", "when": {"utc": ["00:00-12:00", "12:00-24:00"]}, "mul": "0.5"},"#
          + #"{"group": "time", "when": {"utc": ["11:00-13:00"]}, "mul": "0.4"}]"#,
        .error, "offers[0].rates[1]", "the rule 'time 11:00-13:00' never applies"
      ),
      (
        #"["std"]"#,
        #"[{"group": "context", "when": {"input_over": 10}, "set": {"in": "2"}},"#
          + #"{"group": "plan", "when": {"plan": "x"}, "set": {"in": "3"}}]"#,
        .error, "offers[0].rates[1]", "'input over 10' and 'plan x' both state a rate for in"
      ),
      (
        #"  "api": {"dialect": "openai-chat", "base_url": "https://api.acme.test/v1", "key": "ACME_KEY"},"#,
        "", .warning,
        "api", "not stated where requests are sent"
      ),
      (
        #""context": 1000"#, #""context": "1000""#, .error, "offers[0].limits.context",
        "a whole number is expected"
      ),
    ] as [(String, String, CatalogFinding.Severity, String, String)])
  func eachFaultIsFound(
    old: String, new: String, severity: CatalogFinding.Severity, key: String, message: String
  ) throws {
    let found = try findings([try CatalogFixtures.spoiled(old, new)])
    let matching = found.filter { $0.severity == severity && $0.key == key && $0.message.contains(message) }
    #expect(matching.count == 1, "\(found.map(\.description))")
  }

  @Test(arguments: [
    (#""model": "m-1","#, #""model": "m-1", "status": {"retires": "2026-12-22"},"#),
    (#""source": "price", "checked": "2026-11-01","#, #""source": "price", "checked": "2026-08-23","#),
    (#""from": "2026-06-01","#, #""from": "2026-06-01", "planned": "2026-11-22","#),
    (
      #"["std"]"#,
      #"[{"group": "context", "when": {"input_over": 20}, "mul": "3"},"#
        + #"{"group": "context", "when": {"input_over": 10}, "mul": "2"}]"#
    ),
    (
      #"["std"]"#,
      #"[{"group": "time", "when": {"utc": ["00:00-12:00"], "days": "mon-fri"}, "mul": "0.5"},"#
        + #"{"group": "time", "when": {"days": "mon"}, "mul": "0.4"}]"#
    ),
  ])
  func whatIsStillInOrderIsNotReported(old: String, new: String) throws {
    #expect(try findings([try CatalogFixtures.spoiled(old, new)]).map(\.description).isEmpty)
  }

  /// A coming retirement is reported with what takes the offer's place, which must be in order.
  @Test(arguments: [
    ("m-2", "price", "2026-11-21", nil),
    ("m-2", "price", "2026-08-23", nil),
    ("m-2", "price", "2026-08-22", "last checked on 2026-08-22, 91 days ago"),
    ("m-2", "price", "2026-11-22", "yet to come"),
    ("m-2", "pric", "2026-11-21", "no source is called 'pric'"),
    ("m-3", "price", "2026-11-21", "'m-3', which is to take its place, is no offer of the file"),
    ("m-1", "price", "2026-11-21", "m-1 retires by then itself"),
    ("m-4", "price", "2026-11-21", "m-4 retires by then itself"),
  ])
  func whatTakesAnOffersPlaceIsChecked(
    name: String, source: String, checked: String, complaint: String?
  ) throws {
    let sound = CatalogFixtures.sound
    let start = try #require(sound.firstRange(of: #"{"id": "m-1""#)?.lowerBound)
    let end = try #require(sound.firstRange(of: #"["std"]}]}"#)?.upperBound)
    let block = String(sound[start..<end])
    let others = ["m-2", "m-4"].map { block.replacing("m-1", with: $0) }
    let status = """
      "status": {"retires": "2026-12-01", "replacement": \
      {"offer": "\(name)", "source": "\(source)", "checked": "\(checked)"}},
      """
    let text = sound.replacing(
      block,
      with: [
        block.replacing(#""model": "m-1","#, with: #""model": "m-1", "# + status), others[0],
        others[1].replacing(
          #""model": "m-4","#,
          with: #""model": "m-4", "# + status.replacing("-12-01", with: "-11-30").replacing(name, with: "m-2")
        ),
      ].joined(separator: ","))
    let found = try findings([CatalogSource(name: "acme.json", text: text)])
      .filter { $0.key == "offers[0]" }
      .map(\.message)
    #expect(found.contains("m-1 retires on 2026-12-01, in 10 days; plan to leave it for \(name)"), "\(found)")
    #expect(found.count == (complaint == nil ? 1 : 2), "\(found)")
    #expect(complaint.map { complaint in found.contains { $0.contains(complaint) } } ?? true, "\(found)")
  }

  @Test func aReplacementNeedsADate() throws {
    let status = #""status": {"replacement": {"offer": "m-1", "source": "price", "checked": "2026-11-01"}},"#
    let found = try findings([
      try CatalogFixtures.spoiled(#""model": "m-1","#, #""model": "m-1", "# + status)
    ])
    #expect(found.map(\.key) == ["offers[0].status"] && found.map(\.severity) == [.error], "\(found)")
  }

  @Test func aPriceTenTimesItsSiblingsIsReported() throws {
    let other = CatalogFixtures.sound.replacing("\"acme\"", with: "\"bolt\"")
    let cheap = CatalogSource(name: "acme.json", text: CatalogFixtures.sound)
    let nine = CatalogSource(name: "bolt.json", text: other.replacing(#""in": "1""#, with: #""in": "9.99""#))
    #expect(try findings([cheap, nine]).filter { $0.message.contains("ten times") }.isEmpty)
    let ten = CatalogSource(name: "bolt.json", text: other.replacing(#""in": "1""#, with: #""in": "10""#))
    let found = try findings([cheap, ten]).filter { $0.message.contains("ten times") }
    #expect(
      found.map(\.message) == [
        "'in' is $10.00/M, ten times or more the $1.00/M of acme/m-1 for the same model; "
          + "check the unit of both, and add 'confirmed' if a second source has it"
      ])
    #expect(found.first?.file == "bolt.json")
  }

  @Test(arguments: [
    ("press", "2026-08-23", nil),
    ("press", "2026-08-22", "ten times"),
    ("pres", "2026-11-01", "no source is called 'pres'"),
    ("price", "2026-11-01", "confirmed by the source that it is from"),
    ("mirror", "2026-11-01", "confirmed by the source that it is from"),
    ("press", "2026-11-22", "yet to come"),
  ])
  func aPriceTenTimesItsSiblingsIsInOrderIfAnotherSourceHasIt(
    source: String, checked: String, complaint: String?
  ) throws {
    let other = CatalogFixtures.sound.replacing("\"acme\"", with: "\"bolt\"")
      .replacing(#""in": "1", "out": "4""#, with: #""in": "10", "out": "30""#)
      .replacing(
        #""price": "https://acme.test/prices""#,
        with: #""price": "https://acme.test/prices", "mirror": "https://acme.test/prices", "#
          + #""press": "https://press.test/""#
      )
      .replacing(
        #""checked": "2026-11-01","#,
        with: #""checked": "2026-11-01", "confirmed": {"source": "\#(source)", "checked": "\#(checked)"},"#)
    let found = try findings([
      CatalogSource(name: "acme.json", text: CatalogFixtures.sound),
      CatalogSource(name: "bolt.json", text: other),
    ])
    #expect(found.map(\.file) == (complaint == nil ? [] : ["bolt.json"]))
    #expect(complaint.map { found.first?.message.contains($0) == true } ?? true)
  }

  @Test func offersAndQuotasInTwoFilesAreReported() throws {
    let one = CatalogSource(name: "one.json", text: CatalogFixtures.sound)
    let two = CatalogSource(name: "two.json", text: CatalogFixtures.sound)
    let found = try findings([one, two])
    #expect(found.count == 2)
    #expect(
      found.allSatisfy { $0.severity == .error && $0.file == "two.json" && $0.message.contains("one.json:") })
  }

  @Test func aFileThatCannotBeReadDoesNotHideTheOthers() throws {
    let broken = CatalogSource(name: "broken.json", text: "{\n\n?")
    let stale = try CatalogFixtures.spoiled(#""source": "price","#, "")
    let found = try findings([broken, stale])
    #expect(found.map(\.file) == ["acme.json", "broken.json"])
    #expect(found.last?.line == 3)
  }
}
