import Testing

/// The report of a plan as people read it.
@Suite struct PlanReportTests {
  private static let table = """
    query_id,dataset,input_tokens,small@acme|score,small@acme|out_tok,small@acme|cost_usd,big@acme|score,\
    big@acme|out_tok,big@acme|cost_usd,huge@zen|score,huge@zen|out_tok,huge@zen|cost_usd
    q1,math,100,0,50,0.001,1,60,0.010,1,90,0.040
    q2,math,120,0,50,0.001,0,60,0.011,1,90,0.041
    q3,math,110,1,50,0.001,1,60,0.012,1,90,0.042
    q4,chat,100,1,50,0.002,1,60,0.013,1,90,0.043
    q5,chat,100,0,50,0.002,1,60,0.014,0,90,0.044
    q6,chat,100,0,50,0.002,0,60,0.015,1,90,0.045

    """

  /// The report without the seconds, which differ from run to run.
  private static func masked(_ output: String) -> String {
    output.replacing(#/\d+\.\d\d s\)/#, with: "? s)")
  }

  @Test func mostQualityWithinABudget() async throws {
    let folder = try Scratch()
    try folder.write(Self.table, to: "t.csv")
    let run = try await folder.run(
      "plan", "t.csv", "--budget", "0.031", "--quota", "acme:requests=6", "--max-share", "huge@zen=0.5")
    #expect(run.ending == .exit(0) && run.errors == "")
    #expect(
      Self.masked(run.output) == """
        6 requests, 3 offers: t.csv
        most quality: 4.0 in all, 0.6667 on average (optimal, ? s)

                                                             cost  mean quality
          this plan                                         $0.03        0.6667
          cheapest offer for each request                  $0.009        0.3333
          best offer for each request                      $0.113        1.0000
          best single offer within the budget, small@acme  $0.009        0.3333

          constraint                is       limit  what more of it would bring
          budget                 $0.03  <=  $0.031  $0.001 more budget buys 0.025 more correct answers
          quota[acme:requests]       6  <=       6  nothing: it does not bind
          max-share[huge@zen]   0.0000  <=  0.5000  nothing: it does not bind

          offer       requests   share    cost  mean quality
          small@acme         4  66.7 %  $0.006        0.5000
          big@acme           2  33.3 %  $0.024        1.0000

        """)
  }

  @Test func leastCostForAQuality() async throws {
    let folder = try Scratch()
    try folder.write(Self.table, to: "t.csv")
    let run = try await folder.run(
      "plan", "t.csv", "--objective", "cost", "--workload-column", "dataset", "--quality", "0.75",
      "--quality",
      "chat=0.3", "--min-share", "small@acme=0.3")
    #expect(run.ending == .exit(0) && run.errors == "")
    #expect(
      run.output.replacing(#/\(.*? s\)/#, with: "(?)") == """
        6 requests, 3 offers: t.csv
        least cost: $0.07 (?)

                                             cost  mean quality
          this plan                         $0.07        0.8333
          cheapest offer for each request  $0.009        0.3333
          best offer for each request      $0.113        1.0000
          best single offer, huge@zen      $0.255        0.8333

          constraint                 is       limit  what more of it would bring
          quality                0.8333  >=  0.7500  raising quality by 0.01 costs $0.0024
          quality[chat]          0.6667  >=  0.3000  nothing: it does not bind
          min-share[small@acme]  0.5000  >=  0.3000  nothing: it does not bind

          offer       requests   share    cost  mean quality
          small@acme         3  50.0 %  $0.005        0.6667
          big@acme           2  33.3 %  $0.024        1.0000
          huge@zen           1  16.7 %  $0.041        1.0000

        """)
  }

  @Test func conflict() async throws {
    let folder = try Scratch()
    try folder.write(Self.table, to: "t.csv")
    let run = try await folder.run("plan", "t.csv", "--budget", "0.02", "--quality", "0.9")
    #expect(run.ending == .exit(2) && run.errors == "")
    #expect(
      run.output == """
        infeasible: these conflict: budget <= $0.02, quality >= 0.9000
        any one of these restores it:
          constraint      is      would have to be
          budget       $0.02  ->         $0.113000
          quality     0.9000  ->            0.5000

        """)
  }
}
