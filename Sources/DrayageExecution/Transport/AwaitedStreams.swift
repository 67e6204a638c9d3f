/// The streams whose readers wait for pieces that have come.
///
/// A reader is woken once for all that one turn of the loop brings, as waking it costs more than a piece does.
/// Not thread-safe: it belongs to the loop's thread, as do the exchanges that report to it.
final class AwaitedStreams {
  var streams: [StreamBuffer] = []

  /// Wakes their readers.
  func wake() {
    guard !streams.isEmpty else { return }
    for stream in streams { stream.wake() }
    streams.removeAll(keepingCapacity: true)
  }
}
