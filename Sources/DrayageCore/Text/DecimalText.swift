/// Exact reading of decimal text such as `0.003625`, `12` or `5.98e-05` into scaled integers.
///
/// Prices never pass through a binary floating-point number on their way in.
package enum DecimalText {
  /// What to do with digits finer than the scale.
  package enum Remainder {
    /// Refuse them.
    case refused
    /// Round towards positive infinity: a charge is never understated.
    case roundedUp
  }

  /// The value of `text` times `10^scale`.
  ///
  /// - Parameters:
  ///   - text: digits with an optional point and an optional exponent; no sign, no spaces.
  ///   - scale: decimal places kept, 0...12.
  /// - Throws: ``DecimalTextError`` with the reason.
  package static func parse(
    _ text: some StringProtocol, scale: Int, remainder: Remainder
  ) throws(DecimalTextError) -> Int64 {
    var mantissa: Int64 = 0
    var digits = 0
    var places = 0
    var seenPoint = false
    var inexact = false
    var exponent = 0
    var bytes = text.utf8.makeIterator()
    scan: while let byte = bytes.next() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        digits += 1
        if digits > 400 { throw DecimalTextError(text, .malformed) }
        let (tens, overflow) = mantissa.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
        if overflow || carry {
          // Digits beyond what 64 bits hold may only trail the point.
          guard seenPoint else { throw DecimalTextError(text, .tooLarge) }
          if byte != UInt8(ascii: "0") { inexact = true }
        } else {
          mantissa = sum
          if seenPoint { places += 1 }
        }
      case UInt8(ascii: "."):
        if seenPoint { throw DecimalTextError(text, .malformed) }
        seenPoint = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        var rest: [UInt8] = []
        while let next = bytes.next() { rest.append(next) }
        guard let value = Int(String(decoding: rest, as: UTF8.self)), (-400...400).contains(value) else {
          throw DecimalTextError(text, .malformed)
        }
        exponent = value
        break scan
      case UInt8(ascii: "-"):
        throw DecimalTextError(text, digits == 0 && !seenPoint ? .negative : .malformed)
      default:
        throw DecimalTextError(text, .malformed)
      }
    }
    guard digits > 0 else { throw DecimalTextError(text, .malformed) }
    var shift = scale + exponent - places
    while shift > 0, mantissa != 0 {
      let (value, overflow) = mantissa.multipliedReportingOverflow(by: 10)
      if overflow { throw DecimalTextError(text, .tooLarge) }
      mantissa = value
      shift -= 1
    }
    while shift < 0, mantissa != 0 {
      if mantissa % 10 != 0 { inexact = true }
      mantissa /= 10
      shift += 1
    }
    guard inexact else { return mantissa }
    guard remainder == .roundedUp else { throw DecimalTextError(text, .tooFine(places: scale)) }
    guard mantissa < Int64.max else { throw DecimalTextError(text, .tooLarge) }
    return mantissa + 1
  }
}

/// Why a decimal text was refused.
public struct DecimalTextError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of refusal.
  public enum Reason: Hashable, Sendable {
    /// Not digits with at most one point and one exponent.
    case malformed
    /// Below zero where only amounts of zero or more make sense.
    case negative
    /// More than 64 bits hold.
    case tooLarge
    /// More decimal places than are kept.
    case tooFine(places: Int)
  }

  /// The text as it was given, cut to 40 characters.
  public let text: String
  /// Why it was refused.
  public let reason: Reason

  init(_ text: some StringProtocol, _ reason: Reason) {
    self.text = String(text.prefix(40))
    self.reason = reason
  }

  /// A sentence for people.
  public var description: String {
    switch reason {
    case .malformed: "'\(text)' is not a decimal number such as 0.25"
    case .negative: "'\(text)' is negative; only zero or more is allowed"
    case .tooLarge: "'\(text)' is too large"
    case .tooFine(let places): "'\(text)' has more than \(places) decimal places"
    }
  }
}
