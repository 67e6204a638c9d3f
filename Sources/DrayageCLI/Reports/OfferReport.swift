import Drayage
import DrayageCore

/// All terms of one offer.
struct OfferReport {
  private let offer: Offer
  private let instant: UTCInstant

  init(_ offer: Offer, at instant: UTCInstant) {
    self.offer = offer
    self.instant = instant
  }

  private struct Document: Encodable {
    struct Sheet: Encodable {
      let from: String?
      let until: String?
      let source: String?
      let checked: String?
      let ratesUsd: [String: String]
      let rules: [String]
    }

    let offer: String
    let model: String
    let wireModel: String
    let at: String
    let ratesUsd: [String: String]
    let sheet: Sheet
    let nextChange: String?
    let nextSheet: Sheet?
    let retires: String?
    let replacement: String?
    let contextTokens: Int?
    let inputTokens: Int?
    let outputTokens: Int?
    let capabilities: [String]
    let dialect: String?
    let baseUrl: String?
    let keyEnvironment: String?
    let quotas: [String]
  }

  private var document: Document {
    get throws {
      let tariff = offer.tariff
      let change = tariff.nextChange(after: instant)
      return Document(
        offer: offer.id.description, model: offer.model, wireModel: offer.wireModel, at: instant.description,
        ratesUsd: Self.words(try tariff.rates(at: instant, under: offer.conditions)),
        sheet: Self.sheet(try tariff.sheet(at: instant)), nextChange: change?.description,
        nextSheet: change.flatMap { try? tariff.sheet(at: $0) }.map(Self.sheet),
        retires: offer.retires?.description, replacement: offer.replacement.map { "\(offer.provider)/\($0)" },
        contextTokens: offer.limits.context,
        inputTokens: offer.limits.input, outputTokens: offer.limits.output,
        capabilities: offer.capabilities.sorted().map(\.rawValue), dialect: offer.endpoint?.dialect.rawValue,
        baseUrl: offer.endpoint?.baseURL, keyEnvironment: offer.endpoint?.keyEnvironment, quotas: offer.quotas
      )
    }
  }

  private static func words(_ rates: [Meter: Tariff.ListedRate]) -> [String: String] {
    Dictionary(uniqueKeysWithValues: rates.map { ($0.key, $0.words($1)) })
  }

  private static func sheet(_ sheet: RateSheet) -> Document.Sheet {
    let rates = sheet.base.map { ($0.key, $0.plain($1)) }
    return Document.Sheet(
      from: sheet.from?.description, until: sheet.until?.description, source: sheet.source,
      checked: sheet.checked?.day, ratesUsd: Dictionary(uniqueKeysWithValues: rates),
      rules: sheet.rules.map(words))
  }

  private static func words(_ rule: RateRule) -> String {
    switch rule.adjustment {
    case .multiply(let named, let other):
      var parts = named.sorted { $0.key < $1.key }.map { "\($0.key) x \($0.value)" }
      if let other { parts.append((named.isEmpty ? "tokens" : "other tokens") + " x \(other)") }
      return "\(rule): \(parts.joined(separator: ", "))"
    case .set(let rates):
      let parts = rates.sorted { $0.key < $1.key }.map { "\($0.key) \($0.key.listed($0.value))" }
      return "\(rule): \(parts.joined(separator: ", "))"
    }
  }

  var json: String {
    get throws { try JSONReport.text(try document) }
  }

  var text: String {
    get throws {
      let document = try document
      var lines = [document.offer, "  model      \(document.model), sent as \(document.wireModel)"]
      func line(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        lines.append("  " + name.padded(to: 11) + value)
      }
      line("endpoint", [document.dialect, document.baseUrl].compactMap(\.self).joined(separator: " at "))
      line("key", document.keyEnvironment.map { "in the environment variable \($0)" })
      line(
        "limits",
        [
          document.contextTokens.map { "\($0) tokens in all" }, document.inputTokens.map { "\($0) of input" },
          document.outputTokens.map { "\($0) of output" },
        ].compactMap(\.self).joined(separator: ", "))
      line("can", document.capabilities.joined(separator: ", "))
      line("quotas", document.quotas.joined(separator: ", "))
      line(
        "retires",
        document.retires.map { day in
          document.replacement.map { "\(day); the provider names \($0) in its place" } ?? day
        })
      lines.append("rates at \(document.at), dollars per million tokens unless another unit is named")
      lines += Self.rates(document.ratesUsd)
      lines.append(contentsOf: Self.rules(document.sheet))
      line(
        "source",
        document.sheet.source.map { "\($0)\(document.sheet.checked.map { ", checked \($0)" } ?? "")" })
      if let change = document.nextChange {
        lines.append("from \(change)")
        if let next = document.nextSheet {
          lines += Self.rates(next.ratesUsd) + Self.rules(next)
        } else {
          lines.append("  no price is known")
        }
      }
      return lines.joined(separator: "\n")
    }
  }

  private static func rates(_ rates: [String: String]) -> [String] {
    let meters = rates.keys.compactMap { Meter($0) }.sorted()
    return meters.map { "  \($0.key.padded(to: 16))\(rates[$0.key] ?? "")" }
  }

  private static func rules(_ sheet: Document.Sheet) -> [String] { sheet.rules.map { "  rule       \($0)" } }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
