extension ChoiceProblem {
  static func validate(
    _ objective: Objective, _ constraints: [SideConstraint], _ purchases: [Purchase], attributeCount: Int,
    optionCount: Int
  ) throws(ChoiceProblemError) {
    guard !objective.terms.isEmpty || !purchases.isEmpty else {
      throw ChoiceProblemError(.empty, "the objective has no term")
    }
    for term in objective.terms {
      if let attribute = term.attribute, !(0..<attributeCount).contains(attribute) {
        throw ChoiceProblemError(.index, "the objective names attribute \(attribute), which does not exist")
      }
      guard term.weight.isFinite else {
        throw ChoiceProblemError(
          .notFinite,
          "the objective weighs attribute \(term.attribute.map(String.init) ?? "1") by \(term.weight)")
      }
      try check(term.options, term.classes, optionCount, "the objective")
    }
    var names: Set<String> = []
    for constraint in constraints {
      guard names.insert(constraint.name).inserted else {
        throw ChoiceProblemError(.duplicateName, "two constraints are named '\(constraint.name)'")
      }
      guard constraint.limit.isFinite else {
        throw ChoiceProblemError(
          .notFinite, "constraint '\(constraint.name)' has the limit \(constraint.limit)")
      }
      if let attribute = constraint.attribute, !(0..<attributeCount).contains(attribute) {
        throw ChoiceProblemError(
          .index, "constraint '\(constraint.name)' names attribute \(attribute), which does not exist")
      }
      try check(constraint.options, constraint.classes, optionCount, "constraint '\(constraint.name)'")
    }
    try validate(purchases, constraintCount: constraints.count)
  }

  private static func check(
    _ options: Set<Int>?, _ classes: Set<Int>?, _ optionCount: Int, _ what: String
  ) throws(ChoiceProblemError) {
    if let options, !options.allSatisfy({ (0..<optionCount).contains($0) }) {
      throw ChoiceProblemError(.index, "\(what) names an option that does not exist")
    }
    if let classes, !classes.allSatisfy({ $0 >= 0 }) {
      throw ChoiceProblemError(.index, "\(what) names a class below 0")
    }
  }

  private static func validate(
    _ purchases: [Purchase], constraintCount: Int
  ) throws(ChoiceProblemError) {
    var names: Set<String> = []
    for purchase in purchases {
      guard names.insert(purchase.name).inserted else {
        throw ChoiceProblemError(.duplicateName, "two purchases are named '\(purchase.name)'")
      }
      guard purchase.objective.isFinite, purchase.bounds.lowerBound.isFinite,
        purchase.bounds.upperBound.isFinite
      else {
        throw ChoiceProblemError(
          .notFinite, "purchase '\(purchase.name)' needs a finite objective and finite bounds")
      }
      if purchase.isInteger,
        purchase.bounds.lowerBound.rounded(.up) > purchase.bounds.upperBound.rounded(.down)
      {
        throw ChoiceProblemError(
          .shape, "no whole number lies between the bounds of purchase '\(purchase.name)'")
      }
      var seen: Set<Int> = []
      for entry in purchase.entries {
        guard (0..<constraintCount).contains(entry.constraint), seen.insert(entry.constraint).inserted else {
          throw ChoiceProblemError(
            .index,
            "purchase '\(purchase.name)' names constraint \(entry.constraint), which does not exist or is named twice"
          )
        }
        guard entry.coefficient.isFinite else {
          throw ChoiceProblemError(
            .notFinite, "purchase '\(purchase.name)' has the coefficient \(entry.coefficient)")
        }
      }
    }
  }
}
