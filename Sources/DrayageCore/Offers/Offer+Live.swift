extension Offer {
  /// Whether single requests are answered at once. A batch service is another protocol altogether: jobs that
  /// are uploaded and collected later.
  public var answersLiveRequests: Bool {
    [PriceConditions.standardService, "flex", "priority"].contains(service)
  }
}
