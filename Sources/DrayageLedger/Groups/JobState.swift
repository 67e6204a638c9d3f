/// The states of a job in the tables of either store.
enum JobState {
  /// Waiting, or claimed.
  static let open = 0
  /// Over for now.
  static let parked = 1
  /// Over for good.
  static let finished = 2
  /// Over for good, and not among the items that were read last.
  static let goneFinished = 3

  /// The state of a job that is put in.
  static func first(of job: Job) -> Int {
    job.outcome.map { $0.isFinal ? finished : parked } ?? open
  }
}

extension Enqueued {
  /// Counts a job that was not stored, for the table has another one of its id.
  ///
  /// - Parameter known: the reading and the place of that one.
  mutating func add(_ job: Job, reading: Int, known: (reading: Int, ordinal: Int)) {
    if known.reading < reading {
      changed.append(job.ordinal)
    } else if known.ordinal == job.ordinal {
      // Stored by this call already, whose acknowledgement was lost; or by a worker that reads the same.
      stored += 1
    } else {
      repeated[job.ordinal] = known.ordinal
    }
  }
}
