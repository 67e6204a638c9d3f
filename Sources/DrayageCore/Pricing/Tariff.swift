/// The dated price schedule of an offer.
///
/// Amounts are exact: every line is a whole number of pico-dollars times a reduced fraction, the sum is
/// formed over a common denominator in 128 bits, and it is rounded up once, to the nano-dollar, at the total.
public struct Tariff: Hashable, Sendable {
  private struct Parts: Hashable, Sendable {
    let name: String
    let origin: String
    let sheets: [RateSheet]
  }

  private let parts: Boxed<Parts>

  /// The name of the offer, for messages and bills.
  public var name: String { parts.value.name }
  /// Where the prices are kept, such as `pricing/openai.json`: the file to edit, for messages.
  public var origin: String { parts.value.origin }
  /// The rate sheets, earliest first; no two hold at the same instant. Not empty.
  public var sheets: [RateSheet] { parts.value.sheets }

  /// A tariff of the given sheets, in any order.
  ///
  /// - Throws: ``TariffError`` with `badSheets` if there is none, one ends before it begins, or two hold at
  ///   one time.
  public init(name: String, origin: String, sheets: [RateSheet]) throws(TariffError) {
    func bad(_ message: String) -> TariffError {
      TariffError(.badSheets, offer: name, "\(message) in \(origin)")
    }
    guard !sheets.isEmpty else { throw bad("there is no rate sheet; add one") }
    let sorted = sheets.sorted { $0.start < $1.start }
    for sheet in sorted where sheet.start >= sheet.end {
      throw bad("a rate sheet ends at \(sheet.end), not after it begins at \(sheet.start); correct 'until'")
    }
    for (earlier, later) in zip(sorted, sorted.dropFirst()) where later.start < earlier.end {
      let start = later.from.map { "the sheet from \($0)" } ?? "a sheet without 'from'"
      throw bad("\(start) begins before the one before it ends; add or correct 'until'")
    }
    parts = Boxed(Parts(name: name, origin: origin, sheets: sorted))
  }

  /// The sheet in force at `instant`.
  ///
  /// - Throws: ``TariffError`` with `noSheet`, naming the gap.
  public func sheet(at instant: UTCInstant) throws(TariffError) -> RateSheet {
    if let sheet = sheets.first(where: { $0.holds(at: instant) }) { return sheet }
    throw noSheet(at: instant)
  }

  /// - Throws: what ``sheet(at:)`` throws, if it does.
  func requireSheet(at instant: UTCInstant) throws(TariffError) {
    guard sheets.contains(where: { $0.holds(at: instant) }) else { throw noSheet(at: instant) }
  }

  private func noSheet(at instant: UTCInstant) -> TariffError {
    let before = sheets.last { $0.end <= instant }?.until
    let after = sheets.first { $0.start > instant }?.from
    let gap =
      switch (before, after) {
      case (let end?, let start?): "none between \(end) and \(start)"
      case (let end?, nil): "the last ends at \(end)"
      case (nil, let start?): "the first begins at \(start)"
      case (nil, nil): "there are none"
      }
    return TariffError(
      .noSheet, offer: name, "no prices are known for \(instant) (\(gap)); add a rate sheet to \(origin)")
  }
}
