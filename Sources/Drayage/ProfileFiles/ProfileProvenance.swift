public import DrayageProfiles

/// Where some of a profile's figures come from.
public struct ProfileProvenance: Hashable, Sendable {
  /// Who or what recorded or published them: a journal, a machine, an address.
  public let source: String
  /// The day of the youngest of them, `YYYY-MM-DD`.
  public let date: String
  /// How many records, 0 if they are published figures.
  public let count: Int

  /// Where figures come from.
  ///
  /// - Throws: ``ProfileMismatch`` if the source is not a text of 1 to 200 bytes without control
  ///   characters, the date is no date, or the count is negative or above 10¹².
  public init(source: String, date: String, count: Int) throws(ProfileMismatch) {
    guard JSONField.isName(source) else {
      throw ProfileMismatch("a source of 1 to 200 bytes is expected")
    }
    guard Self.isDate(date) else {
      throw ProfileMismatch("\(InputError.quoted(date)) is no date; write it as YYYY-MM-DD")
    }
    guard (0...1_000_000_000_000).contains(count) else {
      throw ProfileMismatch("a count of 0 to a million million is expected, not \(count)")
    }
    self.source = source
    self.date = date
    self.count = count
  }

  /// Whether `text` is a day of the Gregorian calendar.
  private static func isDate(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else {
      return false
    }
    func number(_ range: Range<Int>) -> Int? {
      bytes[range].reduce(0 as Int?) { sum, byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? sum.map { $0 * 10 + Int(byte - 48) } : nil
      }
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return false }
    guard year >= 1970, (1...12).contains(month) else { return false }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...lengths[month - 1]).contains(day)
  }

  var json: String {
    JSONText.object(["count": "\(count)", "date": JSONText.quoted(date), "source": JSONText.quoted(source)])
  }
}

extension JSONField {
  func provenance() throws(InputError) -> ProfileProvenance {
    var fields = try fields()
    let count = try fields.require("count").count(atLeast: 0)
    let date = try fields.require("date")
    let source = try fields.require("source").name()
    try fields.end()
    do {
      return try ProfileProvenance(source: source, date: try date.text(), count: count)
    } catch let error as InputError {
      throw error
    } catch {
      throw date.fault("\(error)")
    }
  }
}
