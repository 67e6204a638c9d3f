extension Offer {
  /// Whether single requests are answered at once. A batch service is another protocol altogether: jobs that
  /// are uploaded and collected later.
  public var answersLiveRequests: Bool {
    switch service {
    case PriceConditions.standardService, "flex", "priority": true
    default: false
    }
  }
}
