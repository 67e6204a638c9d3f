internal import Drayage

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Knows the events of a stream again that differ from the one before in a single text, without reading their JSON.
///
/// Most pieces of an answer do: the same members, other words. Where the bytes before the text and those after it are the same,
/// and the text has no escape, an event says what the last one did but for the text.
struct RepeatedPiece: Sendable {
  private var name = ""
  private var before: ArraySlice<UInt8> = []
  private var after: ArraySlice<UInt8> = []
  private var isReasoning = false

  /// Takes note of an event that was read, and of all that it said.
  ///
  /// - Parameter text: the member that the words may be from.
  mutating func note(_ event: WireEvent, _ said: [ChatEvent], from text: JSONNode?) {
    before = []
    guard said.count == 1, let text, case .string(let words) = text.value else { return }
    switch said[0] {
    case .text(words): isReasoning = false
    case .reasoning(words): isReasoning = true
    default: return
    }
    name = event.name
    before = event.data[...text.range.lowerBound]
    after = event.data[(text.range.upperBound - 1)...]
  }

  /// What `event` says, if it is like the one that was noted.
  func said(by event: WireEvent) -> ChatEvent? {
    let length = event.data.count - before.count - after.count
    guard !before.isEmpty, length > 0, event.name == name,
      event.data[..<before.count].hasSameBytes(as: before),
      event.data[(before.count + length)...].hasSameBytes(as: after)
    else { return nil }
    let text = event.data[before.count..<before.count + length].withUnsafeBufferPointer { words in
      guard EightBytes.firstSpecial(in: words) == words.count else { return nil as String? }
      // Its decoding is compiled for bytes in memory, its check for any sequence.
      return words.allSatisfy { $0 < 0x80 }
        ? String(decoding: words, as: UTF8.self) : String(validating: words, as: UTF8.self)
    }
    return text.map { isReasoning ? .reasoning($0) : .text($0) }
  }
}

extension ArraySlice<UInt8> {
  /// Whether the bytes are the same; by the system's comparison, as it is done for each piece of a stream.
  fileprivate func hasSameBytes(as other: ArraySlice<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return withUnsafeBytes { these in
      other.withUnsafeBytes { those in
        guard let these = these.baseAddress, let those = those.baseAddress else { return true }
        return memcmp(these, those, count) == 0
      }
    }
  }
}
