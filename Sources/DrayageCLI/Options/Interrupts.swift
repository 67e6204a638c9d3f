import Dispatch
import Drayage
import Foundation

/// Ctrl-C and a polite kill.
enum Interrupts {
  /// Returns at the first one.
  static func first() async {
    let stream = stream()
    for await _ in stream { return }
  }

  /// One element for each; the process does not end by itself while the stream is in use.
  static func stream() -> AsyncStream<Void> {
    AsyncStream { continuation in
      let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { continuation.yield() }
        source.activate()
        return source
      }
      let kept = Locked(sources)
      continuation.onTermination = { _ in
        kept.withLock { $0.forEach { $0.cancel() } }
        // From here on they end the process again.
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
      }
    }
  }
}
