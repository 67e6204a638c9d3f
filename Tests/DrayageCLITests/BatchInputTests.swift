import Foundation
import Testing

/// The files of a batch that cannot be used: nothing is sent for them and nothing is left behind.
@Suite struct BatchInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The text of `requests.jsonl`; `nil` for no such file.
    var requests: String? = BatchInputTests.request("q1") + BatchInputTests.request("q2")
    var profile: String? = BatchInputTests.profile
    var catalog: String? = BatchInputTests.catalog
    var options: [String] = []
    var code: Int32 = 1
    let message: String
  }

  static let profile = "query_id,kind,m|score,m|cost_usd,input_tokens,m|out_tok\nq1,math,1,0.1,10,20\n"

  static let catalog = """
    {
      "format": "pricing/1", "provider": "acme", "currency": "USD", "unit": "Mtok",
      "as_of": "2026-11-21",
      "api": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:1/v1"},
      "sources": {"list": "a list"},
      "offers": [
        {"id": "m", "model": "m", "limits": {"context": 1000, "output": 100},
         "rates": [{"from": null, "source": "list", "checked": "2026-11-21",
          "base": {"in": "1", "out": "2"}}]}
      ]
    }
    """

  static func request(_ id: String, _ body: String = #"{"messages": [{"role": "user", "content": "Hi"}]}"#)
    -> String
  {
    #"{"custom_id": "\#(id)", "method": "POST", "url": "/v1/chat/completions", "body": \#(body)}"# + "\n"
  }

  static let cases: [Case] = [
    Case(
      testDescription: "no requests", requests: nil, message: "requests.jsonl: no such file; check the path"),
    Case(
      testDescription: "empty requests", requests: "\n \n",
      message: "requests.jsonl: holds no requests; write one JSON object a line"),
    Case(
      testDescription: "malformed line", requests: "\n\n" + #"{"custom_id": 3,"# + "\n",
      message: "requests.jsonl:3: a key in double quotes is expected here"),
    Case(
      testDescription: "no object", requests: "\n[1]\n",
      message: "requests.jsonl:2: is not a JSON object; see OpenAI's batch format"),
    Case(
      testDescription: "no messages", requests: request("q1", "{}"),
      message: "requests.jsonl:1: 'body.messages': is not a list of at least one message"),
    Case(
      testDescription: "streaming",
      requests: request("q1", #"{"messages": [{"role": "user", "content": "Hi"}], "stream": true}"#),
      message: "requests.jsonl:1: 'body.stream': is not false; results of a batch are not streamed, remove it"
    ),
    Case(
      testDescription: "another endpoint",
      requests: request("q1").replacing("/v1/chat/completions", with: "/v1/embeddings"),
      message: #"requests.jsonl:1: 'url': is not "/v1/chat/completions"; only that is understood"#),
    Case(
      testDescription: "no such profile", profile: nil, message: "profile.csv: no such file; check the path"),
    Case(
      testDescription: "bad profile", profile: profile + "q2,math,x,0.1,10,20\n",
      message:
        "profile.csv:3: column 'm|score': 'x' is not a score from 0 to 1000000000; write a decimal number such as 0.25"
    ),
    Case(
      testDescription: "unknown column of workloads", options: ["--workload-column", "kinds"],
      message: "profile.csv: there is no descriptive column 'kinds'; did you mean 'kind'?"),
    Case(
      testDescription: "no such table to evaluate by", options: ["--evaluate", "record.csv"],
      message: "record.csv: no such file; check the path"),
    Case(
      testDescription: "no catalog", catalog: nil,
      message: "pricing: the directory cannot be read; check its name"),
    Case(
      testDescription: "negative price", catalog: catalog.replacing(#""in": "1""#, with: #""in": "-1""#),
      message:
        "pricing/acme.json:9: 'offers[0].rates[0].base.in': '-1' is negative; only zero or more is allowed"),
    Case(
      testDescription: "no price",
      catalog: catalog.replacing(#""base": {"in": "1", "out": "2"}"#, with: #""note": """#),
      message: "pricing/acme.json:8: 'offers[0].rates[0]': 'base' is missing; add it"),
    Case(
      testDescription: "broken catalog",
      catalog: catalog.replacing(#""as_of": "2026-11-21","#, with: #""as_of" "#),
      message: "pricing/acme.json:4: a colon is expected after the key 'as_of'"),
    Case(
      testDescription: "unknown offer", options: ["--offers", "n"],
      message: "there is no offer named 'n'; list the catalog for the names it holds"),
    Case(
      testDescription: "nothing known about the offer", profile: profile.replacing("m|", with: "n|"), code: 3,
      message: "no line can be sent:\n  line 1: no offer can serve it: acme/m: "),
    Case(
      testDescription: "output in no folder", options: ["-o", "no/answers.jsonl"],
      message:
        "no/answers.jsonl: cannot be written (No such file or directory); check the folder, its permissions and its space"
    ),
  ]

  @Test(arguments: cases) func isRefused(_ input: Case) async throws {
    let folder = try Scratch()
    if let requests = input.requests { try folder.write(requests, to: "requests.jsonl") }
    if let profile = input.profile { try folder.write(profile, to: "profile.csv") }
    if let catalog = input.catalog { try folder.write(catalog, to: "pricing/acme.json") }
    let files = try folder.files()
    let output = input.options.first == "-o" ? [] : ["-o", "answers.jsonl"]
    let run = try await folder.run(
      [
        "batch", "requests.jsonl", "--budget", "1", "--profile", "profile.csv", "--pricing", "pricing",
        "--no-bundled",
      ] + output + input.options)
    #expect(run.ending == .exit(input.code), "\(run.errors)")
    #expect(run.output == "")
    if input.code == 1 {
      #expect(run.errors == "Error: \(input.message)\n")
    } else {
      #expect(run.errors.hasPrefix(input.message), "\(run.errors)")
    }
    #expect(try folder.files() == files)
  }

  @Test func `lines that cannot be sent are reported, and the others are answered`() async throws {
    let fixture = try await BatchFixture(rows: 3)
    let sound = try fixture.folder.read("requests.jsonl").split(separator: "\n").map(String.init)
    let lines = ["{", sound[0], sound[1], sound[0], Self.request("bad", "{}"), sound[2]]
    try fixture.folder.write(lines.joined(separator: "\n"), to: "requests.jsonl")
    let simulator = try await Simulator(fixture)
    let run = try await fixture.folder.run(fixture.batch(to: simulator.url, budget: "1"))
    #expect(run.ending == .exit(4))
    #expect(
      run.errors == """
        3 lines cannot be sent and will be in the output with the reason; the first:
          requests.jsonl:1: a key in double quotes is expected here

        """)
    #expect(run.output.hasPrefix("3 of 6 requests answered, 3 failed: answers.jsonl\n"))
    #expect(run.output.contains("  line 5, bad: invalid_request: requests.jsonl:5: 'body.messages': "))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let answers = try fixture.folder.read("answers.jsonl").split(separator: "\n").map {
      try decoder.decode(Line.self, from: Data($0.utf8))
    }
    let ids = fixture.ids.map { $0 as String? }
    #expect(answers.map(\.customId) == [nil, ids[0], ids[1], nil, "bad", ids[2]])
    #expect(
      answers.map { $0.error?.code } == [
        "invalid_request", nil, nil, "invalid_request", "invalid_request", nil,
      ])
  }

  /// One line of an output.
  private struct Line: Decodable {
    struct Fault: Decodable { let code: String }

    let customId: String?
    let error: Fault?
  }

  @Test func `a dry run says what it would do and does nothing`() async throws {
    let fixture = try await BatchFixture(rows: 3)
    let files = try fixture.folder.files()
    // Nobody listens there.
    let run = try await fixture.folder.run(
      fixture.batch(to: "http://127.0.0.1:1/v1", budget: "1", "--dry-run"))
    #expect(run.ending == .exit(0) && run.errors == "")
    #expect(run.output.hasPrefix("3 requests, ") && run.output.contains("most quality"))
    let json = try await fixture.folder.run(
      fixture.batch(to: "http://127.0.0.1:1/v1", budget: "0.000000001", "--dry-run", "--format", "json"))
    #expect(json.ending == .exit(2) && json.output.contains("infeasible"))
    #expect(try fixture.folder.files() == files)
  }
}
