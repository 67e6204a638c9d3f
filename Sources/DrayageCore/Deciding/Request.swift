/// One prompt to be answered, as far as choosing an offer for it needs to know.
public struct Request: Hashable, Sendable {
  /// The caller's own id; it names the request's attempts in the ledger, so it must be unique while the request is open. `nil` lets
  /// the router number it.
  public var id: String?
  /// The class of requests with the same objective.
  public var workload: String
  /// Expected input tokens, 0 or more.
  public var inputTokens: Int
  /// The same by the families of tokenizers, in the order of `TokenFamily.all`, where whoever asks has counted them; 0 for
  /// a family that was left out. Where it is empty ``inputTokens`` holds for every offer.
  package var inputTokensByFamily: [Int]
  /// An upper bound on input tokens, at least ``inputTokens``: what a reservation must cover.
  public var inputTokenBound: Int
  /// The most output tokens the answer may take, 0 or more: what the request sets as its limit; `nil` for that of the
  /// offer.
  public var maxOutputTokens: Int?
  /// What the offer must be able to do.
  public var capabilities: Set<Capability>

  /// The workload of requests that name none.
  public static let defaultWorkload = "default"

  /// A request.
  ///
  /// - Parameters:
  ///   - inputTokenBound: defaults to `inputTokens`, which is then taken to be exact.
  /// - Precondition: the counts are zero or more.
  public init(
    id: String? = nil, workload: String = Request.defaultWorkload, inputTokens: Int,
    inputTokenBound: Int? = nil,
    maxOutputTokens: Int?, capabilities: Set<Capability> = []
  ) {
    self.init(
      id: id, workload: workload, inputTokens: inputTokens, byFamily: [], inputTokenBound: inputTokenBound,
      maxOutputTokens: maxOutputTokens, capabilities: capabilities)
  }

  /// The same with ``inputTokensByFamily``.
  package init(
    id: String? = nil, workload: String, inputTokens: Int, byFamily inputTokensByFamily: [Int],
    inputTokenBound: Int?, maxOutputTokens: Int?, capabilities: Set<Capability>
  ) {
    precondition(inputTokens >= 0 && (maxOutputTokens ?? 0) >= 0, "token counts are zero or more")
    self.id = id
    self.workload = workload
    self.inputTokens = inputTokens
    self.inputTokensByFamily = inputTokensByFamily
    self.inputTokenBound = max(inputTokens, inputTokenBound ?? inputTokens)
    self.maxOutputTokens = maxOutputTokens
    self.capabilities = capabilities
  }
}
