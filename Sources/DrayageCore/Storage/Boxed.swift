/// A value in a place of its own, which is handed on as one reference: for values of many parts that go from step to
/// step. Whoever changes it gets a copy, unless nobody else has it.
@usableFromInline
package struct Boxed<Value: Sendable>: Sendable {
  /// Changed only through the one box that has it.
  @usableFromInline
  final class Place: @unchecked Sendable {
    // One owner at a time is what a struct's own rules ensure.
    @usableFromInline @exclusivity(unchecked) var value: Value

    @inlinable
    init(_ value: Value) { self.value = value }
  }

  @usableFromInline var place: Place

  @inlinable
  package init(_ value: Value) { place = Place(value) }

  @inlinable
  package var value: Value {
    _read { yield place.value }
    _modify {
      if !isKnownUniquelyReferenced(&place) { place = Place(place.value) }
      yield &place.value
    }
  }
}

extension Boxed: Equatable where Value: Equatable {
  @inlinable
  package static func == (a: Boxed, b: Boxed) -> Bool { a.place === b.place || a.value == b.value }
}

extension Boxed: Hashable where Value: Hashable {
  @inlinable
  package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
