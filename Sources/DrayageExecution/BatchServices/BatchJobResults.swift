import Drayage
import DrayageCore

/// The results of a job, one at a time as they come in.
///
/// However large they are, at most one line is held, of at most ``mostLineBytes``, and some 64 KiB that were not yet
/// cut. What is not understood is passed over and counted in ``report``; only a reply full of it is an error.
package struct BatchJobResults: Sendable {
  /// One item and what became of it.
  package struct Entry: Sendable {
    /// The caller's name for the item.
    package let id: String
    /// What became of it.
    package let outcome: BatchOutcome
  }

  /// What was read so far. Complete, ``missing`` included, once there are no more entries.
  package struct Report: Hashable, Sendable {
    /// Items that were answered.
    package var answered = 0
    /// Items that erred.
    package var errored = 0
    /// Items that expired.
    package var expired = 0
    /// Items that were cancelled.
    package var cancelled = 0
    /// Lines about something that was not asked in this job.
    package var unknown = 0
    /// Further lines about an item: the first one counts.
    package var repeated = 0
    /// Lines that are no JSON object with an id.
    package var malformed = 0
    /// Lines that were too long to be read.
    package var tooLong = 0
    /// The items without a line. If every line was understood and the job expired or was cancelled, these were not
    /// carried out; else they may be billed.
    package var missing: Set<String>

    /// Whether every line was understood, and was about an item of its own.
    package var isClean: Bool { strange == 0 }

    var strange: Int { unknown + repeated + malformed + tooLong }
  }

  /// The most bytes of a line: those of the largest reply, and what stands around it.
  package static let mostLineBytes = ReplyLimits.bytes + (64 << 10)
  /// The most bytes of one file of results.
  static let mostBytes = 64 << 30

  /// What was read so far.
  package private(set) var report: Report

  private let mark: BatchMark
  private let ids: Set<String>
  private let wire: BatchWire
  private let read: @Sendable (JSONNode, [UInt8]) -> BatchOutcome
  /// The files still to be read, in order.
  private var files: [HTTPRequest]
  private var stream: HTTPStream?
  private var cutter = LineCutter(most: Self.mostLineBytes)
  /// The lines that were cut, the next one last.
  private var cuts: [LineCutter.Cut] = []

  /// - Parameter read: what a line says of the request that it is about: the line as JSON, and its bytes.
  init(
    _ files: [HTTPRequest], over wire: BatchWire, mark: BatchMark, ids: Set<String>,
    read: @escaping @Sendable (JSONNode, [UInt8]) -> BatchOutcome
  ) {
    self.files = files
    self.wire = wire
    self.mark = mark
    self.ids = ids
    self.read = read
    report = Report(missing: ids)
  }

  /// The next entry; nil at the end. One task reads at a time. Cancelling it breaks the exchange off.
  ///
  /// - Throws: ``BatchServiceError`` if the results break off, or hold more that is not understood than there are
  ///   items. Nothing can be read on then, but the results of the job can be asked for again.
  package mutating func next() async throws(BatchServiceError) -> Entry? {
    while true {
      while let cut = cuts.popLast() {
        if let entry = entry(in: cut) { return entry }
        guard report.strange <= max(1_000, ids.count) else {
          files = []
          stream = nil
          cuts = []
          throw BatchServiceError(
            .unreadable,
            "the results hold \(report.strange) lines that are none of this job's; check that the job and its mark "
              + "belong together", failure: .malformed)
        }
      }
      guard try await fill() else { return nil }
    }
  }

  /// Cuts the next piece into lines; false at the end of all files.
  private mutating func fill() async throws(BatchServiceError) -> Bool {
    if stream == nil {
      guard !files.isEmpty else { return false }
      stream = try await wire.open(files.removeFirst())
    }
    guard let stream else { return false }
    var cut: [LineCutter.Cut] = []
    if let piece = try await wire.next(of: stream) {
      cutter.take(piece, into: &cut)
    } else {
      cutter.finish(into: &cut)
      self.stream = nil
    }
    cuts = cut.reversed()
    return true
  }

  private mutating func entry(in cut: LineCutter.Cut) -> Entry? {
    guard case .line(let line) = cut else {
      report.tooLong += 1
      return nil
    }
    guard let node = try? JSONNode.parse(line, file: "result"), let wireID = node["custom_id"]?.string else {
      report.malformed += 1
      return nil
    }
    guard let id = mark.id(wireID), ids.contains(id) else {
      report.unknown += 1
      return nil
    }
    guard report.missing.remove(id) != nil else {
      report.repeated += 1
      return nil
    }
    let outcome = read(node, line)
    switch outcome {
    case .answered: report.answered += 1
    case .errored: report.errored += 1
    case .expired: report.expired += 1
    case .cancelled: report.cancelled += 1
    }
    return Entry(id: id, outcome: outcome)
  }
}
