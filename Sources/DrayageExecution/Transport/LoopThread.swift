import Drayage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A thread that runs one loop, and can be waited for.
struct LoopThread: Sendable {
  private let thread: Locked<pthread_t?>

  /// Starts a thread that runs `loop`, which it retains until the loop has returned.
  init(running loop: CurlLoop) {
    let context = Unmanaged.passRetained(loop).toOpaque()
    #if canImport(Darwin)
      var started: pthread_t?
      let code = pthread_create(&started, nil, { LoopThread.main($0) }, context)
    #else
      var started = pthread_t()
      let code = pthread_create(&started, nil, { LoopThread.main($0) }, context)
    #endif
    precondition(code == 0, "the system refuses a thread for the network client")
    thread = Locked(started)
  }

  /// Waits until the loop has returned. Callers after the first one wait as well. On the thread itself, which
  /// cannot wait for its own end, lets it end alone.
  func join() {
    thread.withLock { thread in
      guard let running = thread else { return }
      thread = nil
      if pthread_equal(running, pthread_self()) != 0 {
        pthread_detach(running)
      } else {
        pthread_join(running, nil)
      }
    }
  }

  /// The calling thread, by number; never 0.
  static var current: UInt {
    #if canImport(Darwin)
      UInt(bitPattern: pthread_self())
    #else
      UInt(pthread_self())
    #endif
  }

  /// Takes over the reference that `init` retained.
  private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    blockBrokenPipeSignal()
    Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
    return nil
  }

  /// Told to leave signals alone, libcurl leaves it to us that writing to a broken connection must not end
  /// the process. Blocked on this thread, where all the writing is done, the signal becomes an error; the
  /// rest of the process is left as it is.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
