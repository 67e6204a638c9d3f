/// A distribution of lengths of which some were seen only to exceed a limit.
///
/// It is the product-limit estimate (E. L. Kaplan, P. Meier, JASA 53, 1958): the mass of a truncated answer
/// moves to the lengths beyond it, in proportion to what is there. With a base distribution among the
/// complete answers it is the Bayes estimate under a Dirichlet prior (V. Susarla, J. Van Ryzin, JASA 71,
/// 1976). O(n log n).
struct LengthEstimate {
  /// The lengths.
  let distribution: Distribution
  /// Whether nothing is known beyond the longest truncated answer, whose mass then stays there.
  let isLowerBound: Bool

  /// An estimate from weighted lengths of complete and of truncated answers; `nil` if there are none.
  init?(complete: [Distribution.Atom], truncated: [Distribution.Atom]) {
    let events =
      complete.map { (atom: $0, ended: true) } + truncated.map { (atom: $0, ended: false) }
    let sorted = events.filter { $0.atom.mass > 0 }.sorted {
      ($0.atom.value, $0.ended ? 0 : 1) < ($1.atom.value, $1.ended ? 0 : 1)
    }
    var atRisk = sorted.reduce(0) { $0 + $1.atom.mass }
    var surviving = 1.0
    var atoms: [Distribution.Atom] = []
    for event in sorted {
      if event.ended {
        let share = min(event.atom.mass / max(atRisk, event.atom.mass), 1)
        atoms.append(Distribution.Atom(event.atom.value, surviving * share))
        surviving *= 1 - share
      }
      atRisk -= event.atom.mass
    }
    // After the last complete answer, only rounding is left of the mass unless truncated ones follow it.
    if let last = sorted.last, !last.ended {
      atoms.append(Distribution.Atom(last.atom.value, surviving))
      isLowerBound = true
    } else {
      isLowerBound = false
    }
    guard let distribution = Distribution(atoms) else { return nil }
    self.distribution = distribution
  }
}
