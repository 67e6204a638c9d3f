import Drayage
import DrayageCore
import Testing

@Suite("Catalog reading") struct CatalogReadingTests {
  @Test func thePackagesFilesAreRead() throws {
    let catalog = try CatalogFixtures.catalog()
    let blocks = Set(catalog.offers.map { "\($0.provider)/\($0.id.name)" })
    #expect(blocks.count >= 300 && Set(catalog.offers.map(\.provider)).count >= 25)
    // Efforts x services: six of the one and four of the other.
    #expect(catalog.offers.count { $0.id.name == "gpt-6-luna" && $0.provider == "openai" } == 24)
    let luna = try catalog.offer(named: "openai/gpt-6-luna#low@batch")
    #expect(luna.provider == "openai" && luna.effort == "low" && luna.service == "batch")
    #expect(luna.wireModel == "gpt-6-luna" && luna.model == "gpt-6-luna")
    #expect(luna.limits == OfferLimits(context: 1_050_000, input: 922_000, output: 128_000))
    #expect(luna.capabilities.isSuperset(of: [.image, .tools, .jsonSchema, .webSearch]))
    #expect(
      luna.endpoint
        == Endpoint(
          dialect: .openAIChat, baseURL: "https://api.openai.com/v1", keyEnvironment: "OPENAI_API_KEY"))
    let flash = try catalog.offer(named: "deepseek/deepseek-flash")
    #expect(
      flash.model == "deepseek-v4.1-flash" && flash.aliases == ["deepseek-v4-flash"] && flash.openWeights)
    #expect(flash.limits.concurrency == 2_500)
    #expect(flash.quotas == ["deepseek:*"])
    let azure = try catalog.offer(named: "azure/gpt-5.4")
    #expect(azure.retires == (try UTCInstant("2027-09-02")))
    #expect(azure.dataPolicy == DataPolicy(residency: ["global", "us", "eu"], training: false))
    #expect(azure.endpoint?.baseURL == nil && azure.endpoint?.dialect == .azureOpenAI)
    let opus = try catalog.offer(named: "anthropic/claude-opus-5-5#max@fast")
    #expect(opus.capabilities.contains(.alwaysReasons) && opus.capabilities.contains(.reasoning))
    #expect(opus.endpoint?.dialect == .anthropicMessages)
    let build = try #require(catalog.quotas.first { $0.name == "anthropic:Build" })
    #expect(build.requestsPerMinute == 5_000 && build.inputTokensPerMinute == 5_000_000)
    #expect(build.outputTokensPerMinute == 1_000_000 && build.excludesCachedInput && build.scope == .model)
    #expect(Set(catalog.offers.flatMap(\.quotas)).isSubset(of: catalog.quotas.map(\.name)))
  }

  @Test func capacityIsRead() throws {
    let source = try #require(
      try CatalogLoader.sources(in: CatalogFixtures.directory).first { $0.name.hasSuffix("/azure.json") })
    let capacity = try #require(
      try CatalogFile(reading: source).capacity.first { $0.value.id == "gpt-5.4/ptu" })
    #expect(
      capacity.value.minimum == 15 && capacity.value.step == 5 && capacity.value.inputTokensPerMinute == 2_400
    )
    #expect(capacity.value.prices.map(\.perUnit) == [try Money(decimal: "260")])
    #expect(capacity.unpriced.isEmpty)
  }

  @Test(
    arguments: [
      // What is spoiled, how, where the complaint points and what it says.
      (#""context": 1000"#, #""contxt": 1000"#, 11, "offers[0].limits.contxt", "did you mean 'context'?"),
      (#""caps""#, #""capabilities""#, 10, "offers[0].capabilities", "no such key is known here"),
      (#""provider": "acme","#, "", 1, nil, "'provider' is missing; add it"),
      (#""pricing/1""#, #""pricing/2""#, 2, "format", "only 'pricing/1' is read"),
      (#""USD""#, #""EUR""#, 2, "currency", "only 'USD' is read"),
      (#""Mtok""#, #""Ktok""#, 2, "unit", "only 'Mtok' is read"),
      (#""acme""#, #""ac/me""#, 2, "provider", "no space, '/'"),
      (#""in": "2""#, #""in": 2"#, 14, "offers[0].rates[0].base.in", "write it as text, in double quotes"),
      (#""in": "2""#, #""in": "2.0000001""#, 14, "offers[0].rates[0].base.in", "more than 6 decimal places"),
      (#""in": "2""#, #""in": "-2""#, 14, "offers[0].rates[0].base.in", "is negative"),
      (
        #""in": "2""#, #""inn": "2""#, 14, "offers[0].rates[0].base.inn",
        "no such meter is known; did you mean 'in'"
      ),
      (#""in": "2""#, #""in": "2", "in": "3""#, 14, nil, "the key 'in' is there twice; remove one"),
      (
        #""2026-06-01", "source""#, #""2026-02-30", "source""#, 13, "offers[0].rates[0].until",
        "does not exist"
      ),
      (#""rules": ["std"]"#, #""rules": ["sdt"]"#, 17, "offers[0].rates[1].rules[0]", "no such ruleset"),
      (
        #""service", "when""#, #""context", "when""#, 6, "rulesets.std[0].group",
        "belongs to the group 'service'"
      ),
      (#""mul": "0.5""#, #""mul": "half""#, 6, "rulesets.std[0].mul", "'half' is not a decimal number"),
      (#""mul": "0.5""#, #""note": "none""#, 6, "rulesets.std[0]", "either 'mul' or 'set'"),
      (#""mul": "0.5""#, #""mul": "1", "set": {"in": "1"}"#, 6, "rulesets.std[0]", "either 'mul' or 'set'"),
      (#""mul": "0.5""#, #""mul": {}"#, 6, "rulesets.std[0].mul", "at least one multiplier"),
      (#""mul": "0.5""#, #""set": {}"#, 6, "rulesets.std[0].set", "at least one rate"),
      (
        #""mul": "0.5""#, #""set": {"in": "1"}, "units": ["in"]"#, 6, "rulesets.std[0].units",
        "remove 'units'"
      ),
      (
        #"{"service": "batch"}"#, #"{"service": "batch", "plan": "x"}"#, 6, "rulesets.std[0].when",
        "one condition"
      ),
      (#"{"service": "batch"}"#, "{}", 6, "rulesets.std[0].when", "one condition is expected, not 0"),
      (
        #"{"service": "batch"}"#, #"{"service": "standard"}"#, 6, "rulesets.std[0].when.service",
        "remove the rule"
      ),
      (
        #"{"service": "batch"}"#, #"{"utc": ["22:00-02:00"]}"#, 6, "rulesets.std[0].when.utc[0]", "two ranges"
      ),
      (
        #"{"service": "batch"}"#, #"{"utc": ["10:00-24:01"]}"#, 6, "rulesets.std[0].when.utc[0]",
        "not a range"
      ),
      (#"{"service": "batch"}"#, #"{"utc": []}"#, 6, "rulesets.std[0].when", "at least one range"),
      (
        #"{"service": "batch"}"#, #"{"days": "fri-mon"}"#, 6, "rulesets.std[0].when.days",
        "not a list of days"
      ),
      (
        #""service", "when": {"service": "batch"}, "mul": "0.5""#,
        #""time", "when": {"holiday": "CN"}, "mul": "1.5""#, 6, "rulesets.std[0]", "may only lower prices"
      ),
      (#""key": "ACME_KEY""#, #""key": "sk-123abc""#, 4, "api.key", "never a key itself"),
      (#"/v1""#, #"/v1/""#, 4, "api.base_url", "without a slash at its end"),
      (#""context": 1000"#, #""context": 1e3"#, 11, "offers[0].limits.context", "is not a whole number"),
      (#""context": 1000"#, #""context": 0"#, 11, "offers[0].limits.context", "is not a whole number"),
      (
        #""context": 1000"#, #""context": "1000""#, 11, "offers[0].limits.context",
        "a whole number is expected"
      ),
      (#"["tools"]"#, #"["tools", "tools"]"#, 10, "offers[0].caps[1]", "is listed twice"),
      (#""id": "m-1""#, #""id": "m@1""#, 9, "offers[0].id", "give the model's own name as 'wire'"),
      (#""model": "m-1","#, #""model": "m-1", "effort": ["a b"],"#, 9, "offers[0].effort", "no space"),
      (#""rpm": 100"#, #""rpm": 100, "per": "team""#, 7, "quota[0].per", "'model' or 'account'"),
      (#""until": "2026-06-01", "#, "", 9, "offers[0].rates", "begins before the one before it ends"),
      (#""until": "2026-06-01""#, #""until": "2025-06-01""#, 9, "offers[0].rates", "not after it begins"),
      ("\"offers\": [\n", "\"offers\": [,\n", 8, nil, "a value is expected here"),
      ("\n  ]\n}", "\n  ]\n", 19, nil, "a comma or '}' is expected here"),
      ("\n  ]\n}", "\n  ]\n}}", 19, nil, "text after the end"),
    ] as [(String, String, Int, String?, String)])
  func faultsAreRefusedWithTheirPlace(
    old: String, new: String, line: Int, key: String?, message: String
  ) throws {
    let source = try CatalogFixtures.spoiled(old, new)
    let error = #expect(throws: InputError.self) { try CatalogLoader.load(files: [source]) }
    #expect(error?.file == "acme.json")
    #expect(error?.line == line)
    #expect(error?.key == key)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    (#""in": "2""#, #""in": "2", "note": "list price""#),
    (#""group": "service""#, #""note": "", "group": "service""#),
    (#""mul": "0.5""#, #""mul": {"*": "0.5", "note": "x"}"#), (#"["std"]"#, "[]"),
    (#""caps": ["tools"],"#, ""),
    (#""2026-01-01", "until""#, #"null, "until""#), ("\n", "\r\n"), (#""tools""#, #""too\u006cs""#),
    (#""mul": "0.5""#, #""mul": "0.5", "units": ["in", "cache_write@1h"]"#),
    (#""mul": "0.5""#, #""set": {"in": "1", "request": "0.01", "web_search/1k": "10"}"#),
  ])
  func whatIsAllowedIsRead(old: String, new: String) throws {
    let source = try CatalogFixtures.spoiled(old, new)
    let catalog = try CatalogLoader.load(files: [source])
    #expect(catalog.offers.first?.id.description == "acme/m-1")
  }

  @Test func anOfferInTwoFilesIsRefused() throws {
    let one = CatalogSource(name: "one.json", text: CatalogFixtures.sound)
    let two = CatalogSource(name: "two.json", text: CatalogFixtures.sound)
    let error = #expect(throws: InputError.self) { try CatalogLoader.load(files: [one, two]) }
    #expect(error?.code == .duplicate)
    #expect(error?.file == "two.json")
    #expect(error?.message.contains("one.json") == true)
  }

  @Test func aDirectoryThatIsNotThereIsNamed() {
    let error = #expect(throws: InputError.self) { try CatalogLoader.load(directory: "/nonexistent/pricing") }
    #expect(error?.code == .unreadable)
    #expect(error?.file == "/nonexistent/pricing")
  }

  @Test(arguments: [
    "", " ", "{", "[", "\"", "\"\\", "\"\\u12", "\"\\ud800\"", "\"\\ud800\\u0041\"", "nul", "-", "01", "1.",
    "1e", "1e+",
    "{\"a\"}", "{\"a\":}", "[1,]", "{\"a\":1,}", "[1 2]", "'a'", "\"\t\"", "// a\n{}", "\u{FEFF}{}", "{}{}",
    String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
  ])
  func brokenTextsAreRefused(text: String) {
    #expect(throws: InputError.self) { try CatalogFile(reading: CatalogSource(name: "a.json", text: text)) }
  }

  @Test func bytesThatAreNotTextAreRefused() {
    let error = #expect(throws: InputError.self) {
      try CatalogFile(reading: CatalogSource(name: "a.json", bytes: [0x7b, 0xff, 0x7d]))
    }
    #expect(error?.code == .encoding)
  }

  /// Any bytes are answered, with a catalog or with an error that names the file.
  @Test func randomDamageNeverTraps() throws {
    let originals = try CatalogLoader.sources(in: CatalogFixtures.directory)
    let tokens = [
      "{", "}", "[", "]", ",", ":", "\"", "null", "-1", "0", "1e308", "9223372036854775808", "\\u0000",
      "\u{0}",
      "\"2026-99-99\"", "\"99:99-99:99\"", "\"1e-400\"", "note", "*", "--",
    ]
    for seed in 0..<600 {
      var state = UInt64(seed)
      func next(_ bound: Int) -> Int {
        // Numerical Recipes' linear congruential generator; the high bits are the good ones.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
      }
      let original = originals[next(originals.count)]
      var bytes = original.bytes
      for _ in 0...next(3) {
        let start = next(bytes.count)
        let end = min(bytes.count, start + next(8))
        bytes.replaceSubrange(start..<end, with: tokens[next(tokens.count)].utf8)
      }
      do {
        let catalog = try CatalogLoader.load(files: [CatalogSource(name: "damaged.json", bytes: bytes)])
        for offer in catalog.offers.prefix(3) {
          _ = try? offer.ceiling(
            input: 1_000_000, output: 1_000, at: UTCInstant(secondsSince1970: 1_790_000_000))
        }
      } catch {
        #expect(error.file == "damaged.json", "seed \(seed)")
      }
    }
  }

  @Test func `more offers than any market has are refused where they begin`() throws {
    let efforts = (0..<400).map { "\"e\($0)\"" }.joined(separator: ",")
    let services = (0..<300).map {
      "{\"group\": \"service\", \"when\": {\"service\": \"s\($0)\"}, \"mul\": \"2\"}"
    }.joined(separator: ",")
    let text = """
      {"format": "pricing/1", "provider": "acme", "currency": "USD", "unit": "Mtok", "sources": {"p": "x"},
       "offers": [
        {"id": "a", "model": "a", "rates": [{"from": null, "source": "p", "base": {"in": "1", "out": "1"}}]},
        {"id": "b", "model": "b", "effort": [\(efforts)],
         "rates": [{"from": null, "source": "p", "base": {"in": "1", "out": "1"}, "rules": [\(services)]}]}]}
      """
    let error = #expect(throws: InputError.self) {
      try CatalogLoader.load(files: [CatalogSource(name: "acme.json", text: text)])
    }
    #expect(error?.line == 4 && error?.key == "offers[1]" && error?.code == .tooLarge)
  }
}
