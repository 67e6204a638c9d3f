internal import DrayageCore

/// What one entry of a price list says, or why it is not imported.
struct ImportReading {
  /// The names that lead to the entry: the provider's, if the list is by providers, and the model's.
  let key: String
  /// The line on which it begins.
  let line: Int
  let result: Result<OfferDraft, ImportRefusal>

  init(_ field: JSONField, names: String..., read: () throws(ImportRefusal) -> OfferDraft) {
    key = names.map(Self.shown).joined(separator: ".")
    line = field.node.line
    do throws(ImportRefusal) {
      result = .success(try read())
    } catch {
      result = .failure(error)
    }
  }

  /// At most 200 characters of `name`, without those that terminals obey.
  private static func shown(_ name: String) -> String {
    let scalars = name.unicodeScalars.prefix(200)
    return String(
      String.UnicodeScalarView(scalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
}

extension SheetDraft {
  /// Refuses a sheet without a price for input or for output: no request could be charged.
  func requirePrices() throws(ImportRefusal) {
    for meter in [Meter.input, .output] {
      guard let rate = base[meter] else {
        throw ImportRefusal(.noPrice, "it has no price for '\(meter)'; unknown is not free")
      }
      guard rate > .free else {
        throw ImportRefusal(
          .zeroPrice, "the price of '\(meter)' is zero: free, or not known; state it by hand if it is free")
      }
    }
  }
}
