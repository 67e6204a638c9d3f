import Drayage
import Foundation
import NIOCore

/// What all connections of a server share.
final class ServerState: Sendable {
  let options: SimulationOptions
  private let service: Locked<SimulatedService>
  private let connections = Locked(0)
  private let start = NIODeadline.now()

  init(_ service: SimulatedService, options: SimulationOptions) {
    self.service = Locked(service)
    self.options = options
  }

  /// The books, with all that is due by now.
  var ledger: SimulationLedger {
    let now = now
    return service.withLock { service in
      service.settleBatches(at: now)
      return service.ledger
    }
  }

  /// Puts the clock of batches forward by some simulated seconds.
  func advanceBatches(by seconds: Double) throws(SimulationError) {
    try service.withLock { service throws(SimulationError) in try service.advanceBatches(by: seconds) }
  }

  /// The largest body that is accepted at `target`, in bytes.
  func bodyLimit(at target: String) -> Int {
    max(options.bodyLimit, BatchAction.bodyLimit(at: target) ?? 0)
  }

  /// Seconds since the start.
  var now: Double { Double((NIODeadline.now() - start).nanoseconds) * 1e-9 }

  func reply(to request: IncomingRequest) -> Reply {
    let now = now
    let route = Route(request)
    return service.withLock { $0.perform(route, idempotencyKey: request.idempotencyKey, at: now) }
  }

  func refuse(_ error: APIError, at target: String) -> Reply {
    let path = String(target.prefix { $0 != "?" })
    let format =
      Endpoint(target: target)?.format ?? BatchAction.at("POST", path)?.action?.format ?? OpenAIChatFormat()
    return service.withLock { $0.refuse(error, in: format) }
  }

  func finish(_ ticket: Ticket, generated: Int, isAborted: Bool) {
    service.withLock { $0.finish(ticket, generated: generated, isAborted: isAborted) }
  }

  func setSchedule(_ schedule: [String: [FaultKind?]]) throws(SimulationError) {
    try service.withLock { service throws(SimulationError) in try service.setSchedule(schedule) }
  }

  /// Counts a new connection; false if there are too many.
  func admit() -> Bool {
    connections.withLock { count in
      guard count < options.connectionLimit else { return false }
      count += 1
      return true
    }
  }

  func release() {
    connections.withLock { $0 -= 1 }
  }
}
