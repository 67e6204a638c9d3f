package import Drayage

/// A line of a batch that cannot be sent. The others are.
package struct RefusedRow: Sendable, CustomStringConvertible {
  /// Why not.
  package enum Reason: Sendable {
    /// It is no well-formed request.
    case malformed(InputError)
    /// No offer can serve it: why not, offer by offer.
    case noEligibleOffer(String)
  }

  /// The line it stands on, from 1.
  package let line: Int
  /// Its id; nil if it has none of its own.
  package let customID: String?
  /// Why it cannot be sent.
  package let reason: Reason

  /// What it is called in the output.
  package var code: String {
    switch reason {
    case .malformed: "invalid_request"
    case .noEligibleOffer: "no_eligible_offer"
    }
  }

  /// What is wrong, for people.
  package var message: String {
    switch reason {
    case .malformed(let error): error.description
    case .noEligibleOffer(let why): why
    }
  }

  /// The line and what is wrong with it.
  package var description: String {
    switch reason {
    case .malformed: message
    case .noEligibleOffer: "line \(line): \(message)"
    }
  }
}
