import MultipleChoice

extension ChoiceInstances.Draft {
  /// A constraint but for its limit.
  struct Row {
    let name: String
    /// `nil` counts.
    let attribute: Int?
    var provider: Int?
    /// The kinds of requests that count, or `nil` for all.
    var kinds: Set<Int>?
    var relation = ChoiceProblem.Relation.atMost
  }

  /// The rows, in the order in which ``ChoiceInstances`` lists them.
  var rows: [Row] {
    let all = Row(name: "quality", attribute: Self.quality, relation: .atLeast)
    if hasOnlyQuality { return [all] }
    var rows = [all]
    for t in workloadSets.indices {
      let kinds = kinds(workloadSets[t])
      rows.append(Row(name: "quality w\(t)", attribute: Self.quality, kinds: kinds, relation: .atLeast))
    }
    rows.append(Row(name: "budget", attribute: Self.cost))
    rows.append(Row(name: "latency w0", attribute: Self.latency, kinds: kinds(workloadSets[0])))
    let providers = 0..<ChoiceInstances.Market.providerCount
    for p in providers { rows.append(Row(name: "spend p\(p)", attribute: Self.cost, provider: p)) }
    for b in 0..<bucketCount {
      let kinds = bucketCount == 1 ? nil : Set((0..<workloadCount).map { $0 * bucketCount + b })
      let suffix = bucketCount == 1 ? "" : " t\(b)"
      for p in providers {
        rows.append(Row(name: "requests p\(p)\(suffix)", attribute: nil, provider: p, kinds: kinds))
      }
      for p in providers {
        rows.append(Row(name: "tokens p\(p)\(suffix)", attribute: Self.tokens, provider: p, kinds: kinds))
      }
    }
    return rows
  }

  private func kinds(_ workloads: Set<Int>) -> Set<Int> {
    Set(workloads.flatMap { w in (0..<bucketCount).map { w * bucketCount + $0 } })
  }

  /// The rows with limits that the goal calls for.
  func constraints(goal: ChoiceInstances.Goal, margin: Double) -> [ChoiceProblem.SideConstraint] {
    let rows = rows
    var slack = ChoiceInstances.IndexedRandom(seed: seed, 2)
    var limits: [Double]
    if twist == .allRowsTight && goal != .infeasible {
      // The reference is optimal for its multipliers, all of them positive, so every row binds. The hair of
      // room is for the rounding of sums.
      limits = usages([mixture[1]], rows)[0]
      for k in rows.indices { limits[k] *= rows[k].relation == .atMost ? 1 + 1e-9 : 1 - 1e-9 }
    } else {
      let used = usages(mixture, rows)
      limits = rows.indices.map { k in 0.4 * used[0][k] + 0.3 * used[1][k] + 0.3 * used[2][k] }
      for k in rows.indices {
        limits[k] *=
          rows[k].relation == .atMost
          ? 1 + margin * slack.uniform(in: 0.01...0.04)
          // Floors by workload would else imply the overall one, the first.
          : 1 - margin * (k == 0 ? 0.002 : slack.uniform(in: 0.002...0.02))
      }
      // Requests are whole, so a fraction of one would only forbid whole assignments.
      for k in rows.indices where rows[k].attribute == nil { limits[k].round(.up) }
      if goal == .infeasible { contradict(&limits, rows) }
    }
    return rows.indices.map { k in
      ChoiceProblem.SideConstraint(
        name: rows[k].name, attribute: rows[k].attribute,
        options: rows[k].provider.map { p in
          Set(market.providerOf.indices.filter { market.providerOf[$0] == p })
        },
        classes: rows[k].kinds.map(classes(ofKinds:)), rows[k].relation, limits[k])
    }
  }

  /// Moves limits so that no fractional assignment keeps them all.
  private func contradict(_ limits: inout [Double], _ rows: [Row]) {
    switch hasOnlyQuality ? 2 : seed % 3 {
    case 0:
      // The limits of requests add up to less than there are requests.
      let used = usages([mixture[0]], rows)[0]
      for k in rows.indices where rows[k].attribute == nil { limits[k] = 0.97 * used[k] }
    case 1:
      // The reference minimizes cost less a multiple of quality, so less cost at its quality is impossible.
      let used = usages([Reference(quality: 2)], rows)[0]
      limits[0] = used[0]
      for k in rows.indices where rows[k].name == "budget" { limits[k] = 0.97 * used[k] }
    default:
      let k = hasOnlyQuality ? 0 : 1
      limits[k] = 1.01 * usages([Reference(cost: 0, quality: 1)], rows)[0][k] + 1e-3
    }
  }
}
