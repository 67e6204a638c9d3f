#if canImport(Glibc)
  public import Glibc
#elseif canImport(Musl)
  public import Musl
#elseif canImport(Darwin)
  public import Darwin
#endif

/// A value behind a lock. The lock is the system's, which the thread sanitizer understands on every platform.
///
/// Inlinable, as it is used by other modules for states of many kinds, on each request several times: which takes a type
/// that is usable from inlined code, too, and a public import.
///
/// `@unchecked Sendable`: `state` is reached only in ``withLock(_:)``.
@usableFromInline
package final class Locked<State>: @unchecked Sendable {
  // The lock sees to it that there is one access at a time.
  @usableFromInline @exclusivity(unchecked) package var state: State
  @usableFromInline package let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  @inlinable package init(_ state: sending State) {
    self.state = state
    mutex.initialize(to: pthread_mutex_t())
    let code = pthread_mutex_init(mutex, nil)
    precondition(code == 0, "no memory for a lock")
  }

  @inlinable deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` alone with the state. `body` must be short and must not take the same lock.
  @inlinable package func withLock<Result, Failure: Error>(_ body: (inout State) throws(Failure) -> Result)
    throws(Failure)
    -> Result
  {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state)
  }
}
