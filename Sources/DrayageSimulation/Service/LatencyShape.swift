import Foundation

/// How long a model takes where the table does not record it: log-normal about the time to the first token
/// plus the time to write the rest.
public struct LatencyShape: Hashable, Sendable {
  /// The median time to the first token, in seconds; 0 or more.
  public var firstToken: Double
  /// The median speed of writing, in output tokens per second; more than 0.
  public var tokensPerSecond: Double
  /// The standard deviation of the logarithm of the whole; 0 for no variation. At 0.5, p90 is 1.9 times the
  /// median.
  public var spread: Double

  /// By default half a second to the first token, 60 tokens per second and a spread of 0.5.
  public init(firstToken: Double = 0.5, tokensPerSecond: Double = 60, spread: Double = 0.5) {
    self.firstToken = firstToken
    self.tokensPerSecond = tokensPerSecond
    self.spread = spread
  }

  /// How much of the time to write `tokens` passes before the first; from 0 to 1.
  func firstTokenShare(of tokens: Int) -> Double {
    let whole = firstToken + Double(tokens) / tokensPerSecond
    return whole > 0 && whole.isFinite ? firstToken / whole : 0
  }

  var isValid: Bool {
    (0...1e6).contains(firstToken) && tokensPerSecond > 0 && tokensPerSecond.isFinite
      && (0...10).contains(spread)
  }

  /// The latency in seconds, at most 10⁹, of an attempt that writes `tokens`.
  func seconds(writing tokens: Int, draw: Draw) -> Double {
    // Box and Muller 1958; 1 - u is never zero.
    let radius = (-2 * log(1 - draw.uniform("latency radius"))).squareRoot()
    let normal = radius * cos(2 * .pi * draw.uniform("latency angle"))
    return min((firstToken + Double(tokens) / tokensPerSecond) * exp(spread * normal), 1e9)
  }
}
