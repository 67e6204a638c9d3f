import Testing

@testable import DrayageCLI

@Suite struct FigureTextTests {
  @Test(arguments: [
    (0, "$0"), (-0.0, "$0"), (1e-9, "$0.000000001"), (1e6, "$1,000,000.00"), (-1234.5, "-$1,234.50"),
    (8.3458e-14, "$8.35e-14"), (-1e300, "-$1.00e+300"), (.nan, "–"), (-.infinity, "–"),
  ])
  func `dollars of every size are short`(value: Double, text: String) {
    #expect(FigureText.dollars(value) == text)
  }

  @Test(arguments: [
    (0.0, "0 s"), (0.82, "820 ms"), (12.34, "12.3 s"), (5400, "90 min"), (86_400, "24 h"), (1e6, "11.6 days"),
    (-1, "–"), (.nan, "–"),
  ])
  func `durations are in the unit that suits them`(seconds: Double, text: String) {
    #expect(FigureText.duration(seconds) == text)
  }
}
