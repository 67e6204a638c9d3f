package import DrayageCore

/// Why a provider's batch interface did not do what was asked: what is wrong, then what to do about it.
///
/// Holds no secret, and of the provider's words only what is fit to be shown.
package struct BatchServiceError: Error, Hashable, Sendable {
  /// What kind of thing is wrong. More kinds may be added.
  package struct Code: Hashable, Sendable, CustomStringConvertible {
    enum Kind: String, Hashable, Sendable {
      case invalidJob, inDoubt, refused, unreachable, unreadable, unknownJob, notEnded, resultsGone
    }

    let kind: Kind

    /// The items break the limits or the rules for ids; nothing was sent.
    package static let invalidJob = Code(kind: .invalidJob)
    /// It is not known whether the provider took the job: look for it before sending it again.
    package static let inDoubt = Code(kind: .inDoubt)
    /// The provider said no.
    package static let refused = Code(kind: .refused)
    /// There was no whole reply; nothing was changed by that.
    package static let unreachable = Code(kind: .unreachable)
    /// The reply is not what its interface says it is.
    package static let unreadable = Code(kind: .unreadable)
    /// The provider does not know the job.
    package static let unknownJob = Code(kind: .unknownJob)
    /// The job has no results yet.
    package static let notEnded = Code(kind: .notEnded)
    /// The job has no results: it failed as a whole, or they were kept no longer.
    package static let resultsGone = Code(kind: .resultsGone)

    /// The name of the code, such as `inDoubt`.
    package var description: String { kind.rawValue }
  }

  /// What kind of thing is wrong.
  package let code: Code
  /// What it would mean of a live request; nil where nothing was sent. Its `meaning.transient` says whether the same
  /// may succeed later.
  package let failure: FailureClass?
  /// What is wrong, then what to do.
  package let message: String
  /// The seconds that the provider asks to wait.
  package let retryAfter: Double?

  init(_ code: Code, _ message: String, failure: FailureClass? = nil, retryAfter: Double? = nil) {
    self.code = code
    self.message = message
    self.failure = failure
    self.retryAfter = retryAfter
  }
}

extension BatchServiceError: CustomStringConvertible {
  /// The message.
  package var description: String { message }
}
