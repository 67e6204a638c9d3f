extension LinearModel {
  /// Adds a variable within bounds such as `0...`, `...5`, `0...1`, `.free` or `.fixed(3)`.
  public mutating func variable(
    _ name: String, in bounds: some BoundsExpression, kind: Kind = .continuous
  ) -> Variable {
    let bounds = bounds.bounds
    return addColumn(name: name, lower: bounds.lower, upper: bounds.upper, kind: kind)
  }

  /// Adds a variable that is 0 or 1.
  public mutating func binary(_ name: String) -> Variable {
    variable(name, in: 0...1, kind: .integer)
  }

  /// Adds a variable for each item, named `name[item]`. The items must differ.
  public mutating func variables<Items: Sequence>(
    _ name: String = "x", over items: Items, in bounds: some BoundsExpression, kind: Kind = .continuous
  ) -> VariableFamily<Items.Element> {
    let items = Array(items)
    let family = VariableFamily(items: items, first: columnCount)
    for item in items { _ = variable("\(name)[\(item)]", in: bounds, kind: kind) }
    return family
  }

  /// Adds a variable that is 0 or 1 for each item, named `name[item]`. The items must differ.
  public mutating func binaries<Items: Sequence>(
    _ name: String = "x", over items: Items
  ) -> VariableFamily<Items.Element> {
    variables(name, over: items, in: 0...1, kind: .integer)
  }

  /// Adds a constraint such as `x + 2 * y <= 5`.
  @discardableResult
  public mutating func constrain(_ name: String, _ constraint: LinearConstraint) -> RowHandle {
    addRow(
      name: name, lower: constraint.bounds.lower, upper: constraint.bounds.upper,
      entries: constraint.terms.map { ($0.variable.index, $0.coefficient) })
  }

  /// Adds the constraint that an expression lies within bounds such as `2...5`.
  @discardableResult
  public mutating func constrain(
    _ name: String, _ expression: some LinearExpressible, in bounds: some BoundsExpression
  ) -> RowHandle {
    constrain(name, LinearConstraint(expression, in: bounds))
  }

  /// Makes `expression` the objective, to be small.
  public mutating func minimize(_ expression: some LinearExpressible) {
    setObjective(expression.expression, .minimize)
  }

  /// Makes `expression` the objective, to be large.
  public mutating func maximize(_ expression: some LinearExpressible) {
    setObjective(expression.expression, .maximize)
  }

  private mutating func setObjective(_ expression: LinearExpression, _ sense: Sense) {
    for j in columns.indices { columns[j].objective = 0 }
    for term in expression.terms { columns[term.variable.index].objective += term.coefficient }
    objectiveConstant = expression.constant
    self.sense = sense
  }
}
