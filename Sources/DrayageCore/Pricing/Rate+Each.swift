extension Rate {
  /// Reads decimal dollars for one unit, as a fee for each request is stated.
  ///
  /// - Throws: ``DecimalTextError`` if `text` is not a decimal number of zero or more, has more than twelve
  ///   decimal places, or exceeds a thousand dollars.
  public init(dollarsEach text: some StringProtocol) throws(DecimalTextError) {
    let value = try DecimalText.parse(text, scale: 12, remainder: .refused)
    guard value <= 1_000_000_000_000_000 else { throw DecimalTextError(text, .tooLarge) }
    self.init(picodollars: value)
  }
}
