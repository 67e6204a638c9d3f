import Drayage
import Foundation

/// A whole request as it came in.
struct IncomingRequest {
  let method: String
  let target: String
  /// What `Idempotency-Key` says.
  let idempotencyKey: String?
  /// What `X-Drayage-Query` says: the recorded query, for formats whose bodies have no place for it.
  let queryID: String?
  let body: [UInt8]
  /// What `Content-Type` says.
  var contentType: String?
  /// The address that the client reached the server at, such as `http://127.0.0.1:8080`.
  var origin = ""
}

/// What a request asks of the service: read before the service is locked.
enum Route {
  case answer(SimulatedRequest, any WireFormat, digest: Int)
  case refusal(APIError, any WireFormat, allowed: String?)
  case models, health, ledger, schedule
  case setSchedule([String: [FaultKind?]])
  case batch(BatchAction, IncomingRequest)

  init(_ request: IncomingRequest) {
    let path = String(request.target.prefix { $0 != "?" })
    if let endpoint = Endpoint(target: request.target) {
      self =
        request.method == "POST"
        ? Self.answer(request, at: endpoint)
        : Self.notAllowed(request.method, path, allowed: "POST", endpoint.format)
      return
    }
    if let (action, allowed) = BatchAction.at(request.method, path) {
      self =
        action.map { .batch($0, request) }
        ?? Self.notAllowed(request.method, path, allowed: allowed, OpenAIChatFormat())
      return
    }
    switch (request.method, path) {
    case ("GET", "/v1/models"): self = .models
    case ("GET", "/healthz"): self = .health
    case ("GET", "/simulate/ledger"): self = .ledger
    case ("GET", "/simulate/schedule"): self = .schedule
    case ("POST", "/simulate/schedule"): self = Self.schedule(request.body)
    case (_, "/v1/models"), (_, "/healthz"), (_, "/simulate/ledger"):
      self = Self.notAllowed(request.method, path, allowed: "GET", OpenAIChatFormat())
    case (_, "/simulate/schedule"):
      self = Self.notAllowed(request.method, path, allowed: "GET, POST", OpenAIChatFormat())
    default:
      self = .refusal(
        APIError(
          404, code: "unknown_url",
          "Unknown request URL: \(request.method.prefix(20)) \(path.prefix(200))."),
        OpenAIChatFormat(), allowed: nil)
    }
  }

  private static func answer(_ request: IncomingRequest, at endpoint: Endpoint) -> Route {
    do throws(APIError) {
      let reader = try RequestReader(body: request.body)
      var simulated = try endpoint.format.request(reader, at: endpoint.place)
      if let id = request.queryID { simulated.queryID = id }
      var hasher = Hasher()
      hasher.combine(request.target)
      request.body.withUnsafeBytes { hasher.combine(bytes: $0) }
      return .answer(simulated, endpoint.format, digest: hasher.finalize())
    } catch {
      return .refusal(error, endpoint.format, allowed: nil)
    }
  }

  /// Reads `{"MODEL": ["429", "ok"]}`.
  private static func schedule(_ body: [UInt8]) -> Route {
    do throws(APIError) {
      var schedule: [String: [FaultKind?]] = [:]
      let reader = try RequestReader(body: body)
      for member in try reader.members() {
        var faults: [FaultKind?] = []
        for element in try reader.required(member.key).elements() {
          let word = try element.string()
          do {
            faults.append(try FaultSchedule.fault(word))
          } catch {
            throw APIError(400, code: "invalid_value", param: element.path, error.message)
          }
        }
        schedule[member.key] = faults
      }
      return .setSchedule(schedule)
    } catch {
      return .refusal(error, OpenAIChatFormat(), allowed: nil)
    }
  }

  private static func notAllowed(
    _ method: String, _ path: String, allowed: String, _ format: any WireFormat
  ) -> Route {
    .refusal(
      APIError(
        405, code: "method_not_supported", "Not allowed to \(method.prefix(20)) on \(path); use \(allowed)."),
      format, allowed: allowed)
  }
}

extension SimulatedService {
  /// Does what a request that arrived at `now`, in seconds since the start, asks.
  mutating func perform(_ route: Route, idempotencyKey: String?, at now: Double) -> Reply {
    settleBatches(at: now)
    switch route {
    case .batch(let action, let request): return perform(action, request, at: now)
    case .answer(let request, let format, let digest):
      return answer(request, in: format, idempotencyKey: idempotencyKey, digest: digest, at: now)
    case .refusal(let error, let format, let allowed):
      var reply = refuse(error, in: format)
      if let allowed { reply.headers.append(("allow", allowed)) }
      return reply
    case .models: return modelList
    case .health: return Reply(["status": "ok"])
    case .ledger: return Reply(json: ledger)
    case .schedule: return Reply(json: remainingSchedule)
    case .setSchedule(let schedule):
      do {
        try setSchedule(schedule)
        return Reply(json: remainingSchedule)
      } catch {
        return refuse(APIError(404, code: "model_not_found", error.message), in: OpenAIChatFormat())
      }
    }
  }
}
