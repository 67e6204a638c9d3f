import Drayage

/// The input file of a job at OpenAI: one request a line.
///
/// Faults are those of the API's validation, which lets a job be created and then fail: `invalid_json_line`,
/// `duplicate_custom_id`, `url_mismatch`, `model_mismatch`, `empty_file` and `too_many_tasks` among them.
struct OpenAIBatchInput {
  /// The most requests of a job (https://developers.openai.com/api/docs/guides/batch).
  static let mostRequests = 50_000
  /// So many faults are reported.
  private static let mostFaults = 100

  private(set) var items: [BatchJob.Item] = []
  private(set) var faults: [BatchJob.Fault] = []
  /// The model that all requests name.
  private(set) var model: String?
  private var ids: Set<String> = []

  /// - Parameters:
  ///   - endpoint: the path that every request must name.
  ///   - format: the wire format spoken there.
  init(_ bytes: [UInt8], endpoint: String, format: any WireFormat) {
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n")) where !Self.isBlank(line) {
      number += 1
      guard faults.count < Self.mostFaults else { return }
      guard number <= Self.mostRequests else {
        faults = [
          BatchJob.Fault(
            code: "too_many_tasks", message: "The batch has more than \(Self.mostRequests) requests.")
        ]
        return
      }
      take(Array(line), number, endpoint, format)
    }
    if number == 0 { faults.append(BatchJob.Fault(code: "empty_file", message: "The input file is empty.")) }
  }

  private mutating func take(
    _ line: [UInt8], _ number: Int, _ endpoint: String, _ format: any WireFormat
  ) {
    func fault(_ code: String, _ message: String, _ param: String? = nil) -> BatchJob.Fault {
      BatchJob.Fault(code: code, message: message, param: param, line: number)
    }
    guard let reader = try? RequestReader(body: line) else {
      faults.append(fault("invalid_json_line", "This line is not parseable as valid JSON."))
      return
    }
    guard let id = reader["custom_id"]?.node.string, let body = reader["body"] else {
      faults.append(
        fault("missing_required_parameter", "A request has a custom_id, a method, a url and a body."))
      return
    }
    guard reader["method"]?.node.string == "POST" else {
      faults.append(fault("invalid_method", "The method of a request is POST.", "method"))
      return
    }
    guard reader["url"]?.node.string == endpoint else {
      faults.append(fault("url_mismatch", "The URL of a request is the batch's endpoint \(endpoint).", "url"))
      return
    }
    guard ids.insert(id).inserted else {
      faults.append(
        fault("duplicate_custom_id", "The custom_id of a request is used by an earlier one.", "custom_id"))
      return
    }
    let named = body["model"]?.node.string ?? ""
    guard model == nil || model == named else {
      faults.append(fault("model_mismatch", "All requests of a batch name the same model.", "body.model"))
      return
    }
    model = named
    let request: Result<SimulatedRequest, APIError>
    do throws(APIError) {
      request = .success(try format.request(body, at: WirePlace()))
    } catch {
      request = .failure(error)
    }
    items.append(BatchJob.Item(customID: id, request: request))
  }

  private static func isBlank(_ line: some Sequence<UInt8>) -> Bool {
    line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
  }
}
