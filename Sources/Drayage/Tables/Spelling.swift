import DrayageCore

/// Which known names a mistyped one may have meant.
package enum Spelling {
  /// At most three of `known` within two edits of `name`, or a third of its length if that is more, nearest
  /// first.
  package static func suggestions(for name: String, among known: some Sequence<String>) -> [String] {
    let target = Array(name.lowercased().unicodeScalars.prefix(100))
    let limit = min(max(2, target.count / 3), target.count - 1)
    return known.map {
      (name: $0, distance: EditDistance.between(target, Array($0.lowercased().unicodeScalars.prefix(100))))
    }
    .filter { $0.distance <= limit }
    .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    .prefix(3).map(\.name)
  }

  /// What to do about an unknown `name`: the near ones, or all of `known` when there are few, or their
  /// number.
  package static func advice(for name: String, among known: [String]) -> String {
    let near = suggestions(for: name, among: known)
    if !near.isEmpty { return "did you mean \(near.map(InputError.quoted).joined(separator: " or "))?" }
    if known.count <= 12 { return "choose from \(known.map(InputError.quoted).joined(separator: ", "))" }
    return "none of the \(known.count) names here is close"
  }
}
