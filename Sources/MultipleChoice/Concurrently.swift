import Dispatch

/// The results of `body` for 0, 1, ... `count - 1`, worked out on all cores.
///
/// Each result has a place of its own, so that no lock is needed and their order does not depend on the threads.
///
/// - Parameter body: called once for each, from several threads at a time.
func concurrently<Result>(_ count: Int, _ body: (Int) -> Result) -> [Result] {
  Array(unsafeUninitializedCapacity: count) { places, initialized in
    nonisolated(unsafe) let (places, body) = (places, body)
    DispatchQueue.concurrentPerform(iterations: count) { at in
      places.initializeElement(at: at, to: body(at))
    }
    initialized = count
  }
}
