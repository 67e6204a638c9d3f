"""An exported instance: its columns, its linear program, and what prices, multipliers and assignments prove about it.

Everything here is computed from the files alone, in numpy; see README.md for their format.
"""

import dataclasses
import json
import math
import pathlib

import numpy as np
import scipy.sparse as sp


@dataclasses.dataclass
class LinearProgram:
    """min cost @ x subject to matrix @ x between lower and upper, x >= 0; in natural units.

    Side constraints come first, then one row per group. `objective(x)` is in the instance's own units and direction.
    """

    cost: np.ndarray
    matrix: sp.csr_matrix
    lower: np.ndarray
    upper: np.ndarray
    unit: float

    def objective(self, x):
        return self.unit * math.fsum(self.cost * x)

    def violation(self, x):
        """The most that any row or bound is missed by, in natural units."""
        activity = self.matrix @ x
        return float(max(np.max(self.lower - activity), np.max(activity - self.upper), np.max(-x), 0))


class Instance:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.meta = meta = json.loads((folder / "meta.json").read_text())
        if meta["format"] != 1:
            raise ValueError(f"{folder} has format {meta['format']}, not 1")
        self.n, self.m = meta["groups"], meta["options"]
        self.maximizes = meta["sense"] == "maximize"
        # By option and group.
        self.attributes = [
            np.fromfile(folder / a["file"], "<" + a["type"]).reshape(self.m, self.n) for a in meta["attributes"]
        ]
        self.eligible = ~np.isnan(self.attributes[0])
        self.classes = np.fromfile(folder / meta["classes"], "<i4")
        self.assignment = np.fromfile(folder / meta["assignment"], "<i4") if meta.get("assignment") else None
        self.constraints = meta["constraints"]
        self._masks = {}

    def _groups(self, classes):
        """Which groups belong to the classes; all if None."""
        if classes is None:
            return None
        key = tuple(classes)
        if key not in self._masks:
            wanted = np.zeros(max(int(self.classes.max()), max(classes, default=0)) + 1, bool)
            wanted[list(classes)] = True
            self._masks[key] = wanted[self.classes]
        return self._masks[key]

    def add(self, total, term, j, factor):
        """Adds to `total`, one number per group, a term's coefficients at option j times a factor."""
        if factor == 0 or term.get("options") is not None and j not in term["options"]:
            return
        attribute = term.get("attribute")
        values = 1.0 if attribute is None else self.attributes[attribute][j].astype(float)
        groups = self._groups(term.get("classes"))
        total += factor * values if groups is None else np.where(groups, factor * values, 0)

    def _best(self, objective_factor, factors, best):
        """Per group the best over the eligible options of the objective and the rows, each times its factor."""
        result = None
        for j in range(self.m):
            score = np.zeros(self.n)
            if objective_factor:
                for term in self.meta["objective"]:
                    self.add(score, term, j, objective_factor * term["weight"])
            for constraint, factor in zip(self.constraints, factors):
                self.add(score, constraint, j, factor)
            score[~self.eligible[j]] = np.inf if best is np.minimum else -np.inf
            result = score if result is None else best(result, score)
        return result

    def bound(self, prices):
        """The Lagrangian bound: nothing is better, not even a fractional assignment. Prices of the wrong sign count as 0."""
        kept = []
        for constraint, price in zip(self.constraints, prices):
            helps = (constraint["relation"] == "<=") == self.maximizes
            kept.append(max(price, 0.0) if helps else min(price, 0.0))
        best = self._best(1, [-p for p in kept], np.maximum if self.maximizes else np.minimum)
        return math.fsum(best) + math.fsum(p * c["limit"] for p, c in zip(kept, self.constraints))

    def farkas(self, multipliers):
        """By how much the rows, weighted by multipliers of 0 or more, miss what is possible; above 0 proves infeasibility.

        Returns it and the size of the sums that it is the difference of.
        """
        factors = [max(0.0, y) * (1 if c["relation"] == "<=" else -1) for c, y in zip(self.constraints, multipliers)]
        least = self._best(0, factors, np.minimum)
        limits = [f * c["limit"] for f, c in zip(factors, self.constraints)]
        return math.fsum(least) - math.fsum(limits), math.fsum(np.abs(least)) + math.fsum(map(abs, limits))

    def evaluate(self, assignment):
        """An assignment's objective, and by how much it misses the limits, the worst relative to its limit."""
        value, activities = 0.0, np.zeros(len(self.constraints))
        for j in range(self.m):
            chosen = assignment == j
            if not chosen.any():
                continue
            if not self.eligible[j][chosen].all():
                return math.nan, math.inf
            for term in self.meta["objective"]:
                total = np.zeros(self.n)
                self.add(total, term, j, term["weight"])
                value += math.fsum(total[chosen])
            for k, constraint in enumerate(self.constraints):
                total = np.zeros(self.n)
                self.add(total, constraint, j, 1)
                activities[k] += math.fsum(total[chosen])
        worst = 0.0
        for activity, constraint in zip(activities, self.constraints):
            excess = activity - constraint["limit"] if constraint["relation"] == "<=" else constraint["limit"] - activity
            worst = max(worst, excess / max(abs(constraint["limit"]), 1e-9))
        return value, worst

    def linear_program(self, size=None):
        """The whole relaxation: a column per eligible pair, by group and then option.

        A row's unit is its mean coefficient, and so is the objective's. Where the optimum's `size` is known, limits and
        optimum have the number of groups for their magnitude instead: a solver's tolerances then mean the same for all of
        them, however far coefficients range.
        """
        group, option = np.nonzero(self.eligible.T)
        starts = np.searchsorted(option[np.argsort(option, kind="stable")], np.arange(self.m + 1))
        by_option = np.argsort(option, kind="stable")

        def coefficients(terms):
            result = np.zeros(len(group))
            for j in range(self.m):
                at = by_option[starts[j] : starts[j + 1]]
                total = np.zeros(self.n)
                for term in terms:
                    self.add(total, term, j, term.get("weight", 1))
                result[at] = total[group[at]]
            return result

        cost = coefficients(self.meta["objective"])
        unit = float(np.mean(np.abs(cost))) or 1.0
        if size:
            unit = abs(size) / self.n
        sign = -1.0 if self.maximizes else 1.0
        rows, lower, upper = [], [], []
        for constraint in self.constraints:
            row = sp.csr_matrix(coefficients([constraint]))
            row.eliminate_zeros()
            scale = float(np.mean(np.abs(row.data))) if row.nnz else 1.0
            if size and constraint["limit"]:
                scale = abs(constraint["limit"]) / self.n
            rows.append(row / scale)
            limit = constraint["limit"] / scale
            lower.append(-np.inf if constraint["relation"] == "<=" else limit)
            upper.append(limit if constraint["relation"] == "<=" else np.inf)
        choose = sp.csr_matrix((np.ones(len(group)), (group, np.arange(len(group)))), shape=(self.n, len(group)))
        return LinearProgram(
            cost=sign * cost / unit,
            matrix=sp.vstack([*rows, choose], format="csr"),
            lower=np.concatenate([lower, np.ones(self.n)]),
            upper=np.concatenate([upper, np.ones(self.n)]),
            unit=sign * unit,
        )
