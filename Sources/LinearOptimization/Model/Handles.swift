/// A column of one ``LinearModel``, by its index. It means nothing in another model.
public struct Variable: Hashable, Sendable {
  /// The index of the column, from zero.
  public let index: Int

  /// The column at `index`.
  public init(index: Int) {
    self.index = index
  }
}

/// A row of one ``LinearModel``, by its index. It means nothing in another model.
public struct RowHandle: Hashable, Sendable {
  /// The index of the row, from zero.
  public let index: Int

  /// The row at `index`.
  public init(index: Int) {
    self.index = index
  }
}

/// Variables indexed by items, so that a formulation says `x[item]`.
public struct VariableFamily<Item: Hashable>: Sequence {
  /// The items in the order of their columns.
  public let items: [Item]

  private let first: Int
  private let position: [Item: Int]

  init(items: [Item], first: Int) {
    self.items = items
    self.first = first
    position = Dictionary(items.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  /// The variable of `item`, which must be one of ``items``.
  public subscript(item: Item) -> Variable {
    guard let at = position[item] else { preconditionFailure("no variable is indexed by \(item)") }
    return Variable(index: first + at)
  }

  /// The variables in the order of the items.
  public func makeIterator() -> some IteratorProtocol<Variable> {
    (first..<first + items.count).lazy.map { Variable(index: $0) }.makeIterator()
  }
}

extension VariableFamily: Sendable where Item: Sendable {}
