package import DrayageCore

/// Fields as numbers. A blank field is nil; anything else that is not such a number is an error at its line
/// and column.
extension CSVReader {
  /// A finite decimal number from 0 to `limit`; `what` names it in messages, such as `a score`.
  package func number(_ index: Int, what: String, limit: Double) throws(InputError) -> Double? {
    let field = self[index]
    guard !field.isEmpty else { return nil }
    // Double also reads `inf`, `nan` and hexadecimal, which no table means.
    let isDecimal = field.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        true
      default: false
      }
    }
    guard isDecimal, let value = Double(text(index)), value >= 0, value <= limit else {
      throw error(
        .value, at: index,
        "\(InputError.quoted(text(index))) is not \(what) from 0 to \(Int(limit)); "
          + "write a decimal number such as 0.25"
      )
    }
    return value + 0  // negative zero becomes zero
  }

  /// A whole number from 0 to `limit`; `what` names it in messages, such as `a token count`.
  package func wholeNumber(_ index: Int, what: String, limit: Int) throws(InputError) -> Int? {
    let field = self[index]
    guard !field.isEmpty else { return nil }
    var value = 0
    for byte in field {
      let digit = Int(byte) - Int(UInt8(ascii: "0"))
      guard (0...9).contains(digit), value <= (limit - digit) / 10 else {
        throw error(
          .value, at: index,
          "\(InputError.quoted(text(index))) is not \(what) from 0 to \(limit); "
            + "write a whole number such as 120"
        )
      }
      value = value * 10 + digit
    }
    return value
  }

  /// An amount of dollars from 0 to `limit`, rounded up to whole nano-dollars.
  package func money(_ index: Int, limit: Money) throws(InputError) -> Money? {
    guard !self[index].isEmpty else { return nil }
    let amount: Money
    do {
      amount = try Money(decimal: text(index))
    } catch {
      throw self.error(.value, at: index, "\(error); write dollars such as 0.0025")
    }
    guard amount <= limit else {
      throw error(.value, at: index, "\(amount) is more than \(limit); write dollars, not micro-dollars")
    }
    return amount
  }
}
