import Drayage
import DrayageCore
package import DrayageLedger

/// A job that is still with its provider.
package struct OpenProviderJob: Hashable, Sendable {
  /// The offer that it was handed to.
  package let offer: String
  /// The provider's name for it, if that is known.
  package let id: String?
  /// How many requests it has.
  package let count: Int
  /// Why it is not waited for, or could not be cancelled; nil if there is no trouble with it.
  package let reason: String?
}

extension OpenProviderJob {
  /// The jobs of a batch that are with their providers, as its ledger knows them.
  package static func all(of batch: String, in ledger: any JobQueue) async throws -> [OpenProviderJob] {
    try await jobs(of: batch, in: ledger).map { OpenProviderJob($0) }
  }

  /// Asks providers to end the jobs of a batch early. What they have answered by then is billed, and the next run of
  /// the batch collects it.
  ///
  /// - Parameter targets: the offers, and how they are reached.
  /// - Returns: all jobs, each with the reason if it could not be cancelled.
  package static func cancelAll(
    of batch: String, in ledger: any JobQueue, targets: [Target], over transport: any Transport
  ) async throws -> [OpenProviderJob] {
    var jobs: [OpenProviderJob] = []
    for job in try await self.jobs(of: batch, in: ledger) {
      let target = targets.first { $0.offer.id.description == job.offer }
      jobs.append(OpenProviderJob(job, reason: await failure(toCancel: job, target, transport)))
    }
    return jobs
  }

  private static func failure(
    toCancel job: ProviderJob, _ target: Target?, _ transport: any Transport
  ) async -> String? {
    guard let service = target.flatMap({ BatchServices.service(for: $0, over: transport) }) else {
      return "its offer cannot be reached; set its key, or cancel the job at the provider"
    }
    guard let id = job.id else { return "its provider has not named it; run the batch to look for it" }
    do throws(BatchServiceError) {
      try await service.cancel(id)
      return nil
    } catch {
      return error.message
    }
  }

  private static func jobs(of batch: String, in ledger: any JobQueue) async throws -> [ProviderJob] {
    try await ledger.memos(of: batch).compactMap { ProviderJob(memo: $0.key, $0.value) }
      .filter { !$0.isOver }.sorted { ($0.sentAt, $0.memo) < ($1.sentAt, $1.memo) }
  }

  private init(_ job: ProviderJob, reason: String? = nil) {
    self.init(offer: job.offer, id: job.id?.description, count: job.count, reason: reason)
  }
}
