import Drayage
import DrayageCore
import Testing

/// What comes of real entries, and what is done with it.
@Suite("Importing price lists") struct CatalogImportTests {
  typealias Fixtures = CatalogImportFixtures

  @Test func `each entry of litellm is accounted for`() throws {
    let outcomes = Fixtures.outcomes(try Fixtures.run(.litellm))
    #expect(
      outcomes == """
        gpt-6-astra: whole
        gpt-4.1: part, 1, first service batch
        gpt-5-pro: whole
        claude-haiku-5-5: part, 1, first service batch
        claude-opus-4-5: part, 1, first service batch
        azure/eu/gpt-5.4: part, 2, first service batch
        deepseek-flash: part, 1, first cache_creation_input_token_cost
        deepseek/deepseek-flash: said again
        dashscope/qwen-flash: whole
        dashscope/qwen-turbo: not expressible
        gemini/gemini-3.1-pro-preview: part, 3, first search_free_requests
        groq/openai/gpt-oss-120b: whole
        cloudflare/@cf/openai/gpt-oss-120b: whole
        fireworks_ai/accounts/fireworks/models/kimi-k3: whole
        mistral/mistral-large-4: whole
        ovhcloud/gpt-oss-20b: whole
        perplexity/sonar: part, 1, first search_context_cost_per_query
        novita/nvidia/nemotron-3-nano-30b-a3b: price too fine
        text-embedding-3-small: not a chat model
        sail/moonshotai/Kimi-K3: whole
        databricks/databricks-claude-fable-5: whole
        computer-use-preview: retired
        ollama/codegeex4: price zero
        """)
  }

  @Test func `each entry of genai-prices is accounted for`() throws {
    let outcomes = Fixtures.outcomes(try Fixtures.run(.genaiPrices))
    #expect(
      outcomes == """
        anthropic.claude-3-haiku: whole
        anthropic.claude-fable-5: whole
        anthropic.claude-haiku-5-5: whole
        anthropic.claude-opus-4-6: whole
        aws.amazon.nova-micro-v1:0: whole
        aws.regional.anthropic.claude-haiku-5-5: whole
        deepseek.deepseek-flash: whole
        deepseek.deepseek-v4-flash: contradicts another entry
        deepseek.deepseek-v4-pro: whole
        google.gemini-2.5-flash: part, 3, first input_audio_mtok
        google.gemini-3.1-pro-preview: part, 1, first service batch
        mistral.mistral-large-4: whole
        novita.minimax/minimax-m3: whole
        openai.gpt-4.1: part, 2, first storage_searches_kcount
        openai.gpt-4o-audio-preview: whole
        openai.gpt-5: part, 1, first storage_searches_kcount
        openai.gpt-6-luna: part, 1, first storage_searches_kcount
        openai.text-embedding-3-small: price missing
        perplexity.sonar: whole
        perplexity.sonar-deep-research: part, 2, first output_reasoning_mtok
        x-ai.grok-4.3: whole
        x-ai.grok-4.7: whole
        """)
  }

  @Test func `each entry of models.dev is accounted for`() throws {
    let outcomes = Fixtures.outcomes(try Fixtures.run(.modelsDev))
    #expect(
      outcomes == """
        alibaba.qwen-flash: whole
        alibaba.qwen3-32b: not expressible
        amazon-bedrock.amazon.nova-pro-v1:0: whole
        anthropic.claude-haiku-4-5: whole
        anthropic.claude-opus-4-5: whole
        cloudflare-workers-ai.@cf/openai/gpt-oss-120b: whole
        deepseek.deepseek-v4-pro: whole
        github-models.ai21-labs/ai21-jamba-1.5-large: price zero
        google.gemini-2.5-flash: part, 1, first cost.input_audio
        google.gemini-3-flash-preview: part, 1, first cost.input_audio
        google-vertex-anthropic.claude-3-5-haiku@20241022: whole
        groq.openai/gpt-oss-120b: whole
        groq.whisper-large-v3: price zero
        helicone.gpt-4.1-mini: price too fine
        helicone.gpt-5: part, 1, first cost.cache_read
        moonshotai.kimi-k2.6: whole
        openai.gpt-4.1: whole
        openai.gpt-5-mini: whole
        openai.gpt-5.4: part, 1, first service priority
        openai.gpt-5.5: part, 1, first service priority
        openai.text-embedding-3-small: price zero
        xai.grok-4.3: whole
        zai-coding-plan.glm-4.5-air: price zero
        """)
  }

  @Test(arguments: ImportFormat.allCases)
  func `what is written reads back without an error, and the same twice`(format: ImportFormat) throws {
    let files = try Fixtures.run(format).files(accepting: .everything)
    let findings = CatalogCheck.findings(in: files, today: try UTCInstant("2026-11-21"))
    #expect(findings.filter { $0.severity == .error } == [])
    #expect(try Fixtures.run(format).files(accepting: .everything) == files)
    let note = "imported from \(format.rawValue) 1.2.3"
    #expect(files.allSatisfy { String(decoding: $0.bytes, as: UTF8.self).contains(note) })
  }

  @Test(arguments: ImportFormat.allCases)
  func `a list agrees with the catalog that was made of it`(format: ImportFormat) throws {
    let catalog = try CatalogLoader.load(
      files: try Fixtures.run(format, beside: Catalog()).files(accepting: .everything))
    let again = try Fixtures.run(format, beside: catalog)
    #expect(again.disagreements.filter { $0.kind == .price } == [])
    #expect(again.additions == [])
  }

  @Test func `disagreements come the largest first, and confirmed offers apart`() throws {
    let result = try Fixtures.run(.litellm)
    #expect(
      result.disagreements.filter { $0.kind == .price }.map(\.description) == [
        "deepseek/deepseek-flash: cache_read: ours $0.006/M, theirs $0.003/M, 0.5 times",
        "deepseek/deepseek-flash: in: ours $0.3/M, theirs $0.15/M, 0.5 times",
        "deepseek/deepseek-flash: out: ours $1.2/M, theirs $0.6/M, 0.5 times",
        "mistral/mistral-large-4: in: ours $0.7/M, theirs $1.36/M, 1.94 times",
        "mistral/mistral-large-4: cache_read: ours not stated, theirs $0.14/M",
      ])
    let ratios = result.disagreements.map { $0.ratio.map { max($0, 1 / $0) } ?? 1 }
    #expect(ratios == ratios.sorted(by: >))
    #expect(result.identical == ["cloudflare/openai/gpt-oss-120b"])
  }

  @Test func `only what is accepted is written`() throws {
    let result = try Fixtures.run(.litellm)
    func names(_ acceptance: CatalogImport.Acceptance) throws -> Set<String> {
      let files = result.files(accepting: acceptance)
      return try Set(CatalogLoader.load(files: files).offers.map { "\($0.provider)/\($0.id.name)" })
    }
    #expect(try names(.additions) == Set(result.additions))
    #expect(try names(.only(["mistral/mistral-large-4"])) == ["mistral/mistral-large-4"])
    #expect(result.files(accepting: .only([])) == [])
    let different = Set(result.disagreements.map(\.offer))
    #expect(try names(.everything) == Set(result.additions).union(different))
    #expect(different == ["deepseek/deepseek-flash", "mistral/mistral-large-4"])
    #expect(Set(result.additions).isDisjoint(with: different.union(result.identical)))
  }

  @Test func `an accepted offer keeps what the list is silent about`() throws {
    let result = try Fixtures.run(.litellm)
    let files = result.files(accepting: .only(["deepseek/deepseek-flash"]))
    let offers = try CatalogLoader.load(files: files).offers
    #expect(offers.map(\.id.description) == ["deepseek/deepseek-flash#high", "deepseek/deepseek-flash#low"])
    let offer = try #require(offers.first)
    #expect(offer.model == "deepseek-v4.1-flash")
    #expect(offer.aliases == ["deepseek-v4-flash"])
    #expect(offer.dataPolicy.training == true)
    #expect(offer.endpoint?.baseURL == "https://deepseek.test/v1")
  }

  @Test func `names of providers and models are those of the catalog`() throws {
    let result = try Fixtures.run(
      .litellm,
      text: """
        {"fireworks_ai/accounts/fireworks/models/llama-v3p1-8b-instruct": \(Self.plain("fireworks_ai")),
         "vertex_ai/claude-haiku-4-5@20251001": \(Self.plain("vertex_ai-anthropic_models")),
         "bedrock/us-east-1/x.y-v1:0": \(Self.plain("bedrock"))}
        """)
    #expect(
      result.additions == [
        "bedrock/us-east-1/x.y-v1:0", "fireworks/llama-v3p1-8b-instruct", "vertex/claude-haiku-4-5-20251001",
      ])
    let catalog = try Fixtures.written(result)
    #expect(
      try catalog.offer(named: "vertex/claude-haiku-4-5-20251001").wireModel == "claude-haiku-4-5@20251001")
    let beside = try Fixtures.run(
      .litellm,
      CatalogSource(name: "l", text: #"{"groq/OpenAI/GPT-OSS-120B-2026-01-02": \#(Self.plain("groq"))}"#))
    #expect(try Fixtures.written(beside).offers.map(\.model) == ["gpt-oss-120b"])
  }

  private static func plain(_ provider: String) -> String {
    """
    {"litellm_provider": "\(provider)", "mode": "chat",
     "input_cost_per_token": 1e-07, "output_cost_per_token": 2e-07}
    """
  }
}
