import Foundation

/// Which request is which: method and path to what the service does.
enum Routes {
  /// The reply to a whole request that arrived at `now`, in seconds since the start.
  static func reply(
    method: String, target: String, idempotencyKey: String?, body: Data, at now: Double,
    from service: inout SimulatedService
  ) -> Reply {
    let path = target.prefix { $0 != "?" }
    switch (method, path) {
    case ("POST", "/v1/chat/completions"):
      return service.complete(body, idempotencyKey: idempotencyKey, at: now)
    case ("GET", "/v1/models"):
      return service.modelList
    case ("GET", "/healthz"):
      return Reply(json: ["status": "ok"])
    case ("GET", "/simulate/ledger"):
      return Reply(json: service.ledger)
    case (_, "/v1/chat/completions"):
      return notAllowed(method, path, allowed: "POST", &service)
    case (_, "/v1/models"), (_, "/healthz"), (_, "/simulate/ledger"):
      return notAllowed(method, path, allowed: "GET", &service)
    default:
      return service.refuse(
        APIError(404, code: "unknown_url", "Unknown request URL: \(method.prefix(20)) \(path.prefix(200))."))
    }
  }

  private static func notAllowed(
    _ method: String, _ path: Substring, allowed: String, _ service: inout SimulatedService
  ) -> Reply {
    var reply = service.refuse(
      APIError(
        405, code: "method_not_supported", "Not allowed to \(method.prefix(20)) on \(path); use \(allowed)."))
    reply.headers = [("allow", allowed)]
    return reply
  }
}
