import Drayage
import DrayageCore

extension Call {
  /// What is asked, member by member.
  ///
  /// - Throws: ``Rejection/inexpressible(_:)`` for a member that is not of its documented type, which a
  ///   provider that is given the body as it stands would have to make sense of.
  func chat() throws(Rejection) -> ChatRequest {
    do {
      return try body.chat()
    } catch {
      throw .inexpressible("\(error.key ?? "the body"), which \(error.message)")
    }
  }
}
