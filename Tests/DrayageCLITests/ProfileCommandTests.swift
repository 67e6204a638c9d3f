import Foundation
import Testing

/// `drayage profile` and `drayage calibrate`.
@Suite struct ProfileCommandTests {
  private static func prior(_ model: String, tokens: Int = 300) -> String {
    """
    {"format":"drayage-profiles","version":1,"profiles":[
    {"data":{"percentiles":[[0.5,\(tokens)],[0.9,900]],"weight":2},"key":{"model":"\(model)"},"kind":"length_prior",\
    "provenance":[{"count":0,"date":"2026-11-20","source":"a test"}]}
    ]}

    """
  }

  @Test func filesAreMergedAndShown() async throws {
    let folder = try Scratch()
    try folder.write(Self.prior("m-1"), to: "a.json")
    try folder.write(Self.prior("m-2"), to: "b.json")
    let merge = try await folder.run("profile", "merge", "a.json", "b.json", "-o", "c.json")
    #expect(merge.ending == .exit(0) && merge.output == "")
    #expect(merge.errors == "2 profiles of 2 files in c.json\n")
    let show = try await folder.run("profile", "show", "c.json")
    #expect(show.ending == .exit(0) && show.errors == "")
    #expect(show.output.contains("model m-1") && show.output.contains("model m-2"))
    #expect(show.output.contains("300.0 tokens (p50)") || show.output.contains("300 tokens (p50)"))
    #expect(show.output.hasSuffix("2 profiles\n"))
  }

  @Test func qualityAndTokenCorrectionsAreShown() async throws {
    let folder = try Scratch()
    let quality = """
      {"data":{"half_life_s":2592000,"mean":0.875,"squared_deviations":0.875,"time_s":1795000000,"weight":8},\
      "key":{"effort":"low","model":"m","workload":"w"},"kind":"quality",\
      "provenance":[{"count":8,"date":"2026-11-20","source":"a test"}]}
      """
    let correction = """
      {"data":{"billed":120,"count":1,"estimated":100,"logarithms":0.1823,"squares":0.0333,"weight":1,\
      "worst_over_bound":1},"key":{"model":"m"},"kind":"token_correction",\
      "provenance":[{"count":1,"date":"2026-11-21","source":"a test"}]}
      """
    try folder.write(
      "{\"format\":\"drayage-profiles\",\"version\":1,\"profiles\":[\n\(quality),\n\(correction)\n]}\n",
      to: "a.json")
    let show = try await folder.run("profile", "show", "a.json")
    #expect(show.ending == .exit(0) && show.errors == "")
    #expect(
      show.output == """
          kind              of                               records  youngest    summary
          quality           effort low, model m, workload w        8  2026-11-20  0.875 (mean), worth 8.0 scores, half-life 30.0 days
          token_correction  model m                                1  2026-11-21  1.04 (mean) 1.46 (p99) billed tokens to one estimated
        2 profiles

        """)
  }

  @Test func whatDoesNotMergeIsRefused() async throws {
    let folder = try Scratch()
    try folder.write(Self.prior("m"), to: "a.json")
    try folder.write(Self.prior("m", tokens: 400), to: "b.json")
    let run = try await folder.run("profile", "merge", "a.json", "b.json", "-o", "c.json")
    #expect(run.ending == .exit(1) && run.output == "")
    #expect(run.errors.hasPrefix("Error: b.json: length_prior of "), "\(run.errors)")
    #expect(try folder.files().keys.contains("c.json") == false)
  }

  @Test func aBrokenFileIsNamedWithLineAndKey() async throws {
    let folder = try Scratch()
    try folder.write(Self.prior("m").replacing("[0.5,300]", with: "[0.5,-300]"), to: "a.json")
    let run = try await folder.run("profile", "show", "a.json")
    #expect(run.ending == .exit(1) && run.output == "")
    #expect(run.errors.hasPrefix("Error: a.json:2: 'profiles[0].data.percentiles"), "\(run.errors)")
  }

  @Test func aTableIsCalibrated() async throws {
    let folder = try Scratch()
    var table = "query_id,dataset,a|score,a|cost_usd,b|score,b|cost_usd\n"
    for i in 0..<60 { table += "q\(i),d,\(i % 3 == 0 ? 1 : 0),0.001,\(i % 4 == 0 ? 0 : 1),0.01\n" }
    try folder.write(table, to: "table.csv")
    let run = try await folder.run("calibrate", "table.csv")
    #expect(run.ending == .exit(0) && run.errors == "")
    #expect(run.output.hasPrefix("learned from 30 queries, judged on 30; 0 features\n"), "\(run.output)")
    let bad = try await folder.run("calibrate", "none.csv")
    #expect(bad.ending == .exit(1) && bad.errors == "Error: none.csv: no such file; check the path\n")
  }
}
