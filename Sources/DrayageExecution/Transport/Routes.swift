/// Where requests go, and how long they may take: most are like one before, and to work it out takes long.
struct Routes {
  /// What a request's address and its limits of time come to.
  struct Route {
    let url: String
    let timeouts: Timeouts
    let destination: Destination
    let limits: ExchangeClock.Limits
  }

  private var latest: Route?
  private var destinations: [String: Destination] = [:]

  private static let mostDestinations = 256

  /// The route of `request`.
  ///
  /// - Throws: ``TransportFailure/Kind/invalidRequest`` if its address makes no sense.
  mutating func route(of request: HTTPRequest) throws(TransportFailure) -> Route {
    if let latest, latest.url == request.url, latest.timeouts == request.timeouts { return latest }
    let route = Route(
      url: request.url, timeouts: request.timeouts, destination: try destination(of: request.url),
      limits: ExchangeClock.Limits(request.timeouts))
    latest = route
    return route
  }

  private mutating func destination(of url: String) throws(TransportFailure) -> Destination {
    if let known = destinations[url] { return known }
    let destination = try Destination(url: url)
    if destinations.count >= Self.mostDestinations { destinations.removeAll() }
    destinations[url] = destination
    return destination
  }
}
