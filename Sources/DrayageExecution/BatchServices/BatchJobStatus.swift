package import DrayageCore

/// How far a job has come.
package struct BatchJobStatus: Hashable, Sendable {
  /// The states of a job, whoever runs it.
  package enum State: String, Hashable, Sendable {
    /// It is checked, waits, runs, or its results are being put together.
    case inProgress = "in_progress"
    /// It was asked to end early and has not yet.
    case cancelling
    /// Every request was answered or erred.
    case ended
    /// Its time ran out: some requests were not carried out.
    case expired
    /// It was cancelled before all requests were carried out.
    case cancelled
    /// It was refused as a whole; no request was carried out.
    case failed

    /// Whether nothing more will happen.
    package var isFinal: Bool { self != .inProgress && self != .cancelling }
  }

  /// Its requests, as far as the provider tells. Anthropic counts nothing before the end.
  package struct Counts: Hashable, Sendable {
    /// All of them; 0 while the provider has not counted them.
    package var total = 0
    /// Those answered.
    package var answered = 0
    /// Those that erred.
    package var errored = 0
    /// Those not carried out: in progress, and after the end expired or cancelled.
    package var open = 0
  }

  /// The state.
  package var state: State
  /// The counts.
  package var counts: Counts
  /// When the provider created it.
  package var created: UTCInstant?
  /// When it expires, or would have.
  package var expires: UTCInstant?
  /// When it ended.
  package var ended: UTCInstant?
  /// Why it failed, in the provider's words at most in part, without secrets: at most 20.
  package var reasons: [String] = []

  /// Until when its results can be had; nil if it has not ended or the provider states no times.
  package func resultsKept(_ limits: BatchJobLimits) -> UTCInstant? {
    guard state.isFinal else { return nil }
    switch limits.retention {
    case .fromCreation(let seconds):
      return created.map { UTCInstant(secondsSince1970: $0.secondsSince1970 + seconds) }
    case .fromEnd(let seconds):
      return ended.map { UTCInstant(secondsSince1970: $0.secondsSince1970 + seconds) }
    }
  }
}
