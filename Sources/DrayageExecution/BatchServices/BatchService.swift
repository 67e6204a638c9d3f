package import DrayageCore

/// A provider's interface for jobs of many requests, which are answered within a day at about half the price.
///
/// One service serves one offer: OpenAI takes only requests to a single model in a job
/// (https://developers.openai.com/api/docs/guides/batch), and where a provider would take several, one offer a job
/// keeps its bill apart.
///
/// ## What is billed
///
/// Answers are, at the tariff of the offer's service `batch`; the reply states their usage as a live one does.
///
/// - Anthropic: requests that erred, were cancelled before they were sent to the model, or expired are not billed
///   (https://platform.claude.com/docs/en/build-with-claude/batch-processing, "Retrieving batch results").
/// - OpenAI: of a job that expires, what was completed is charged, the rest is cancelled (the guide above, "Batch
///   expiration"); the answers that a cancelled job has by then stand in its output file. Of requests that erred
///   the documentation says nothing, so they count here as the same failure of a live request does
///   (`FailureClass.meaning`), and a request that timed out within a job may be billed.
///
/// So a job that failed as a whole costs nothing, whatever was reserved for it.
package protocol BatchService: Sendable {
  /// The offer, and where it is reached.
  var target: Target { get }

  /// What a job may hold, and how long it is kept.
  var limits: BatchJobLimits { get }

  /// A request for a job.
  ///
  /// - Parameters:
  ///   - id: the caller's name for it, unique in its job; see ``BatchItem/isID(_:)``.
  ///   - call: what is asked. A stream is never asked for.
  /// - Throws: ``Rejection/inexpressible(_:)`` if the wire format cannot carry it.
  func item(_ id: String, _ call: Call) throws(Rejection) -> BatchItem

  /// Hands a job over.
  ///
  /// The job is put together in memory: beside the items there are two copies of its bytes while it is sent, one of
  /// them libcurl's. A caller who cannot spare that lowers ``BatchJobLimits/mostBytes`` before splitting.
  ///
  /// - Parameters:
  ///   - items: 1 or more, within ``limits``; see ``BatchJobLimits/split(_:)``.
  ///   - mark: the name of the job, never used before, by which ``find(_:count:sentAt:now:)`` knows it.
  /// - Throws: ``BatchServiceError``. If its code is ``BatchServiceError/Code/inDoubt``, the provider may have taken
  ///   the job all the same, and sending it again could buy everything twice; on any other, it has not.
  func submit(_ items: [BatchItem], mark: BatchMark) async throws(BatchServiceError) -> BatchJobID

  /// Looks for a job whose submission got no answer.
  ///
  /// - Parameters:
  ///   - mark: what it was submitted under.
  ///   - count: how many items it had.
  ///   - sentAt: when its submission began.
  func find(
    _ mark: BatchMark, count: Int, sentAt: UTCInstant, now: UTCInstant
  ) async throws(BatchServiceError) -> BatchSearch

  /// How far a job has come.
  func status(of job: BatchJobID) async throws(BatchServiceError) -> BatchJobStatus

  /// The results of a job that has ended, in the provider's order, which means nothing.
  ///
  /// - Parameters:
  ///   - mark: what the job was submitted under: it tells the job's own results from others.
  ///   - ids: of all its items.
  /// - Throws: ``BatchServiceError``: ``BatchServiceError/Code/notEnded`` while there are none yet,
  ///   ``BatchServiceError/Code/resultsGone`` when there are none any more, or never will be.
  func results(
    of job: BatchJobID, mark: BatchMark, ids: Set<String>
  ) async throws(BatchServiceError) -> BatchJobResults

  /// Asks for a job to end early. What was answered by then is billed, and is found in its results; a job that
  /// has ended already stays as it is.
  func cancel(_ job: BatchJobID) async throws(BatchServiceError)
}

/// The services by offer.
package enum BatchServices {
  /// Whether ``service(for:over:)`` has one for `target`.
  static func serve(_ target: Target) -> Bool {
    switch target.offer.provider {
    case "openai": target.dialect is OpenAIChat || target.dialect is OpenAIResponses
    case "anthropic": target.dialect is AnthropicMessages
    default: false
    }
  }

  /// The service for jobs to `target`; nil if its provider is not known to have one, or is spoken to in a wire
  /// format that it does not take there.
  package static func service(for target: Target, over transport: any Transport) -> (any BatchService)? {
    switch target.offer.provider {
    case "openai": OpenAIBatchService(target, over: transport)
    case "anthropic": AnthropicBatchService(target, over: transport)
    default: nil
    }
  }
}

extension Target {
  /// Whether its requests are put together to jobs.
  var takesJobs: Bool { offer.service == "batch" }

  /// The same offer as single requests reach it.
  ///
  /// The service `batch` is another interface, not a word in the request: the body is that of a live request at the
  /// standard service.
  var live: Target {
    guard takesJobs,
      let id = OfferID(provider: offer.provider, name: offer.id.name, effort: offer.effort)
    else { return self }
    let standard = Offer(
      id: id, wireModel: offer.wireModel, model: offer.model, aliases: offer.aliases, tariff: offer.tariff,
      limits: offer.limits, capabilities: offer.capabilities, openWeights: offer.openWeights,
      dataPolicy: offer.dataPolicy, endpoint: offer.endpoint, quotas: offer.quotas, retires: offer.retires,
      replacement: offer.replacement,
      region: offer.region, plan: offer.plan)
    return Target(offer: standard, dialect: dialect, baseURL: baseURL, key: key)
  }
}
