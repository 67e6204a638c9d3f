/// Predicted scores against those that came, in bins of equal width over 0...1.
public struct ReliabilityTable: Hashable, Sendable {
  /// One bin.
  public struct Bin: Hashable, Sendable {
    /// How many predictions fell into it.
    public fileprivate(set) var count = 0
    fileprivate var predicted = 0.0
    fileprivate var observed = 0.0

    /// Their mean; 0 if there are none.
    public var meanPrediction: Double { count > 0 ? predicted / Double(count) : 0 }
    /// The mean of the scores that came; 0 if there are none.
    public var meanScore: Double { count > 0 ? observed / Double(count) : 0 }
  }

  /// The bins, from 0 upwards.
  public private(set) var bins: [Bin]

  /// An empty table of at least one bin.
  public init(bins: Int = 15) {
    self.bins = Array(repeating: Bin(), count: max(1, bins))
  }

  /// Adds a prediction and the score that came, both in 0...1.
  public mutating func add(_ prediction: Double, _ score: Double) {
    let bin = min(max(0, Int(prediction * Double(bins.count))), bins.count - 1)
    bins[bin].count += 1
    bins[bin].predicted += prediction
    bins[bin].observed += score
  }

  /// The expected calibration error (Naeini, Cooper and Hauskrecht, AAAI 2015): the mean over predictions of
  /// the distance between mean prediction and mean score of their bin; 0 if there are none.
  public var expectedError: Double {
    let total = bins.reduce(0) { $0 + $1.count }
    guard total > 0 else { return 0 }
    return bins.reduce(0) { $0 + ($1.predicted - $1.observed).magnitude } / Double(total)
  }
}
