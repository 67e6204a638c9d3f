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

  var ledger: SimulationLedger {
    service.withLock { $0.ledger }
  }

  func reply(method: String, target: String, idempotencyKey: String?, body: Data) -> Reply {
    let now = Double((NIODeadline.now() - start).nanoseconds) * 1e-9
    return service.withLock {
      Routes.reply(
        method: method, target: target, idempotencyKey: idempotencyKey, body: body, at: now, from: &$0)
    }
  }

  func refuse(_ error: APIError) -> Reply {
    service.withLock { $0.refuse(error) }
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
