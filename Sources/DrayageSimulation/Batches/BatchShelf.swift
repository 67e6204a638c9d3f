import Foundation

/// A file at OpenAI's files API.
struct StoredFile: Sendable {
  let id: String
  let name: String
  let purpose: String
  /// When it was stored, in Unix seconds.
  let created: Int
  let bytes: [UInt8]
}

/// The files and jobs that a simulated provider holds, oldest first.
struct BatchShelf: Sendable {
  private(set) var files: [String: StoredFile] = [:]
  private(set) var fileIDs: [String] = []
  var jobs: [String: BatchJob] = [:]
  private(set) var jobIDs: [String] = []
  /// The jobs that have not ended.
  private(set) var running: [String] = []
  private(set) var serial = 0
  /// By how many simulated seconds the clock of the jobs was put forward.
  var skew = 0.0

  /// The next number for a file or a job.
  mutating func number() -> Int {
    serial += 1
    return serial
  }

  mutating func store(_ bytes: [UInt8], named name: String, purpose: String, at created: Int) -> StoredFile {
    let file = StoredFile(
      id: "file-sim\(number())", name: name, purpose: purpose, created: created, bytes: bytes)
    files[file.id] = file
    fileIDs.append(file.id)
    return file
  }

  mutating func removeFile(_ id: String) {
    files[id] = nil
    fileIDs.removeAll { $0 == id }
  }

  mutating func add(_ job: BatchJob) {
    jobs[job.id] = job
    jobIDs.append(job.id)
    running.append(job.id)
  }

  mutating func removeJob(_ id: String) {
    jobs[id] = nil
    jobIDs.removeAll { $0 == id }
  }

  /// Forgets which of the running jobs have ended.
  mutating func sweep() {
    running.removeAll { jobs[$0].map { $0.end != nil } ?? true }
  }

  /// The jobs of one API, latest first.
  func latest(_ api: BatchJob.API) -> [BatchJob] {
    jobIDs.reversed().compactMap { jobs[$0] }.filter { $0.api == api }
  }
}
