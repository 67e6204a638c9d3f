internal import DrayageCore

/// Rate sheets and rules.
extension CatalogFileWriter {
  static func sheet(_ entry: CatalogFile.Entry<RateSheet>) -> String {
    let sheet = entry.value
    let head = members([
      ("from", sheet.from.map { quoted(time($0)) } ?? "null"),
      ("until", sheet.until.map { quoted(time($0)) }),
      ("planned", sheet.planned.map { quoted(time($0)) }), ("source", entry.source.map(quoted)),
      ("checked", entry.checked.map { quoted(time($0)) }),
      (
        "confirmed",
        entry.confirmation.map {
          object([("source", quoted($0.source)), ("checked", quoted(time($0.checked)))])
        }
      ),
    ])
    // Known to have a price that is not known: kept, so that it is still asked for.
    let unpriced = entry.unpriced.map {
      ($0.split(separator: ".").last.map(String.init) ?? $0, String?("null"))
    }
    var lines = [head, "\"base\": " + object(rates(sheet.base) + unpriced)]
    let rules = sheet.rules.map(rule)
    let oneLine = "\"rules\": [\(rules.joined(separator: ", "))]"
    if rules.count > 1, oneLine.utf8.count > 140 {
      lines.append("\"rules\": [\n         \(rules.joined(separator: ",\n         "))]")
    } else if !rules.isEmpty {
      lines.append(oneLine)
    }
    return "{" + lines.joined(separator: ",\n       ") + "}"
  }

  private static func rates(_ rates: [Meter: Rate]) -> [(key: String, value: String?)] {
    rates.sorted { $0.key < $1.key }.map { ($0.key.key, quoted(ExactDecimal.text($0.value, of: $0.key))) }
  }

  private static func rule(_ rule: RateRule) -> String {
    var fields: [(key: String, value: String?)] = [
      ("group", quoted(rule.group.rawValue)), ("when", condition(rule.condition)),
    ]
    switch rule.adjustment {
    case .set(let rates): fields.append(("set", object(Self.rates(rates))))
    case .multiply(let named, let others):
      let factors = Set(named.values)
      if named.isEmpty, let others {
        fields.append(("mul", quoted(ExactDecimal.text(others))))
      } else if others == nil, factors.count == 1, let factor = factors.first {
        fields.append(("mul", quoted(ExactDecimal.text(factor))))
        fields.append(("units", names(named.keys.sorted().map(\.key))))
      } else {
        let stars = others.map { [(key: "*", value: String?(quoted(ExactDecimal.text($0))))] } ?? []
        let meters = named.sorted { $0.key < $1.key }.map {
          (key: $0.key.key, value: String?(quoted(ExactDecimal.text($0.value))))
        }
        fields.append(("mul", object(stars + meters)))
      }
    }
    return object(fields)
  }

  private static func condition(_ condition: RateRule.Condition) -> String {
    switch condition {
    case .inputOver(let size): object([("input_over", String(size))])
    case .service(let name): object([("service", quoted(name))])
    case .region(let regions):
      object([("region", regions.count == 1 ? quoted(regions[0]) : names(regions))])
    case .time(let windows):
      object([
        ("utc", windows.minutes == [0..<1_440] ? nil : names(windows.minutes.map(range))),
        // A condition of time needs one of the two.
        (
          "days", windows.days.count == 7 && windows.minutes != [0..<1_440] ? nil : quoted(days(windows.days))
        ),
      ])
    case .holiday(let calendar): object([("holiday", quoted(calendar))])
    case .plan(let plan): object([("plan", quoted(plan))])
    }
  }

  private static func range(_ minutes: Range<Int>) -> String {
    func clock(_ minute: Int) -> String {
      let (hour, rest) = minute.quotientAndRemainder(dividingBy: 60)
      return (hour < 10 ? "0" : "") + "\(hour):" + (rest < 10 ? "0" : "") + "\(rest)"
    }
    return clock(minutes.lowerBound) + "-" + clock(minutes.upperBound)
  }

  /// Days such as `mon-fri` or `sat,sun`: three or more in a row as a range.
  private static func days(_ days: Set<Weekday>) -> String {
    var runs: [[Weekday]] = []
    for day in Weekday.allCases where days.contains(day) {
      if let last = runs.last?.last, last.rawValue + 1 == day.rawValue {
        runs[runs.count - 1].append(day)
      } else {
        runs.append([day])
      }
    }
    func name(_ day: Weekday) -> String { String(String(describing: day).prefix(3)) }
    return runs.map { run in
      run.count > 2 ? name(run[0]) + "-" + name(run[run.count - 1]) : run.map(name).joined(separator: ",")
    }.joined(separator: ",")
  }
}
