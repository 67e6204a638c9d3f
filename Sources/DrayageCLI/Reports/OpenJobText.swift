import DrayageExecution

/// Jobs that are with their providers, for people and for programs.
enum OpenJobText {
  static func line(_ job: OpenProviderJob) -> String {
    let name = job.id.map { "job \($0)" } ?? "a job whose name is not known yet"
    return "\(name) at \(job.offer), \(job.count) request\(job.count == 1 ? "" : "s")"
      + (job.reason.map { ": \($0)" } ?? "")
  }

  struct Document: Encodable {
    let offer: String
    let id: String?
    let requests: Int
    let reason: String?

    init(_ job: OpenProviderJob) {
      (offer, id, requests, reason) = (job.offer, job.id, job.count, job.reason)
    }
  }
}
