import DrayageCore

extension Meter {
  /// A rate in the unit of price lists, with its multipliers worked in where they leave whole pico-dollars.
  func words(_ listed: Tariff.ListedRate) -> String {
    let (product, overflow) = listed.rate.picodollars.multipliedReportingOverflow(
      by: listed.multiplier.numerator)
    if !overflow, product % listed.multiplier.denominator == 0 {
      return plain(Rate(picodollars: product / listed.multiplier.denominator))
    }
    return "\(self.listed(listed.rate)) x \(listed.multiplier)"
  }

  /// A rate in the unit of price lists, which is left out where it is a million tokens.
  func plain(_ rate: Rate) -> String {
    let text = listed(rate)
    return text.hasSuffix("/M") ? String(text.dropFirst().dropLast(2)) : text
  }
}
