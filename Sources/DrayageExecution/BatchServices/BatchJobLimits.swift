/// What a job may hold, and how long it and its results last.
package struct BatchJobLimits: Hashable, Sendable {
  /// From when on results are kept.
  package enum Retention: Hashable, Sendable {
    /// So many seconds from the creation of the job.
    case fromCreation(Int64)
    /// So many seconds from its end.
    case fromEnd(Int64)
  }

  /// The most items. May be lowered.
  package var mostItems: Int
  /// The most bytes of all items as they are sent, with what stands around them. May be lowered.
  package var mostBytes: Int
  /// After how many seconds a job expires.
  package let window: Int64
  /// How long results can be had.
  package let retention: Retention
  /// The bytes around each item, beside its id and its body.
  let itemFrame: Int
  /// The bytes around all of them.
  let jobFrame: Int

  /// How the items of a job are shared out.
  package struct Split: Hashable, Sendable {
    /// The jobs: positions of items, in order.
    package var jobs: [[Int]] = []
    /// The items that fit in no job, by position.
    package var tooLarge: [Int] = []
  }

  /// The bytes of an item as it is sent.
  package func bytes(of item: BatchItem) -> Int { itemFrame + item.id.utf8.count + item.body.count }

  /// Shares items out to as few jobs as their order allows: each takes what fits, then the next begins.
  package func split(_ items: [BatchItem]) -> Split {
    var split = Split()
    var job: [Int] = []
    var used = jobFrame
    for (position, item) in items.enumerated() {
      let size = bytes(of: item)
      guard size <= mostBytes - jobFrame else {
        split.tooLarge.append(position)
        continue
      }
      if job.count >= mostItems || used + size > mostBytes, !job.isEmpty {
        split.jobs.append(job)
        job = []
        used = jobFrame
      }
      job.append(position)
      used += size
    }
    if !job.isEmpty { split.jobs.append(job) }
    return split
  }

  /// Why these items are no job.
  func check(_ items: [BatchItem]) throws(BatchServiceError) {
    guard !items.isEmpty, items.count <= mostItems else {
      throw BatchServiceError(
        .invalidJob, "a job of \(items.count) requests; choose 1 to \(mostItems), splitting by the limits")
    }
    var ids: Set<String> = []
    var used = jobFrame
    for item in items {
      guard BatchItem.isID(item.id) else {
        throw BatchServiceError(
          .invalidJob,
          "the id \(ProviderText.shown(item.id)) of a request; use 1 to \(BatchItem.mostIDBytes) letters, digits, "
            + "hyphens and underscores")
      }
      guard ids.insert(item.id).inserted else {
        throw BatchServiceError(.invalidJob, "two requests are called '\(item.id)'; make the ids unique")
      }
      used += bytes(of: item)
    }
    guard used <= mostBytes else {
      throw BatchServiceError(
        .invalidJob, "a job of \(used) bytes; at most \(mostBytes) are taken, split it by the limits")
    }
  }
}
