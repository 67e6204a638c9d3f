import Foundation
import Testing

@testable import DrayageExecution

struct RetryAfterTests {
  /// 6 November 1994, 08:49:37 UTC.
  private let now = Date(timeIntervalSince1970: 784_111_777)

  @Test(arguments: [
    ("0", 0), ("7", 7), (" 7 ", 7), ("0.25", 0.25), ("120", 120), ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
    ("Sun, 06 Nov 1994 08:50:07 GMT", 30), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
    ("Mon, 07 Nov 1994 08:49:37 GMT", 86_400),
  ])
  func isRead(text: String, seconds: Double) {
    #expect(RetryAfter.seconds(text, now: now) == seconds)
  }

  @Test(arguments: [
    nil, "", "  ", "-1", "soon", "nan", "inf", "-inf", "1e400", "1 s", "5, 6", "06 Nov 1994",
    "Sun, 99 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 PST",
  ])
  func isNotRead(text: String?) {
    #expect(RetryAfter.seconds(text, now: now) == nil)
  }
}
