#!/usr/bin/env python3
"""Plans of `drayage plan` beside HiGHS, on every scored table given, at four budgets each.

For each table and budget: the optimum of the linear relaxation by HiGHS must agree with Drayage's to 1e-6 relative, and the
assignment that Drayage writes must keep the budget and lie within the gap it states, both recomputed here from the table alone.
Exits 1 if anything differs.

Needs `pip install highspy==1.15.1 numpy` (a virtual environment is made in benchmarks/.venv if they are missing).
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
SPANS = [0.1, 0.3, 0.6, 0.9]


def ensure_packages():
    """Restarts this script within a virtual environment that has what it needs."""
    try:
        import highspy  # noqa: F401
        import numpy  # noqa: F401
    except ImportError:
        python = HERE / ".venv/bin/python"
        if pathlib.Path(sys.executable) == python:
            raise
        subprocess.run([sys.executable, "-m", "venv", str(HERE / ".venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "highspy==1.15.1", "numpy"], check=True)
        sys.exit(subprocess.run([str(python), *sys.argv]).returncode)


def load(path):
    import numpy as np

    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    models = [name[: -len("|score")] for name in rows[0] if name.endswith("|score")]

    def column(suffix):
        return np.array([[float(row[f"{m}|{suffix}"] or "nan") for m in models] for row in rows])

    return [row["query_id"] for row in rows], models, column("score"), column("cost_usd")


def highs(score, cost, budget):
    """The most quality within the budget: objective and seconds."""
    import highspy
    import numpy as np

    n, m = score.shape
    index = np.argwhere(~np.isnan(score))
    cells = len(index)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = cells, n + 1
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = score[index[:, 0], index[:, 1]]
    lp.col_lower_, lp.col_upper_ = np.zeros(cells), np.ones(cells)
    scale = 1 / np.nanmean(cost)
    lp.row_lower_ = np.append(np.ones(n), -highspy.kHighsInf)
    lp.row_upper_ = np.append(np.ones(n), budget * scale)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, 2 * cells + 1, 2)
    lp.a_matrix_.index_ = np.column_stack([index[:, 0], np.full(cells, n)]).ravel()
    lp.a_matrix_.value_ = np.column_stack([np.ones(cells), cost[index[:, 0], index[:, 1]] * scale]).ravel()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(lp)
    started = time.perf_counter()
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return solver.getObjectiveValue(), time.perf_counter() - started


def drayage(binary, table, budget):
    """The report of `drayage plan` and its assignment."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "assignment.csv"
        done = subprocess.run(
            [binary, "plan", table, "--budget", f"{budget:.9f}", "--assignment", path, "--format", "json"],
            capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"drayage plan {table} ended with {done.returncode}: {done.stderr or done.stdout}")
        with open(path, newline="") as file:
            assignment = {row["query_id"]: row["offer"] for row in csv.DictReader(file)}
    return json.loads(done.stdout), assignment


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", help="scored tables, or folders of them (default: those of the demo)")
    parser.add_argument("--drayage", default=".build/release/drayage", help="the program")
    options = parser.parse_args()
    ensure_packages()
    import numpy as np

    tables = []
    for name in options.tables or [HERE / "demo"]:
        path = pathlib.Path(name)
        found = sorted(path.glob("*.csv")) if path.is_dir() else [path]
        tables += [p for p in found if "|score" in open(p).readline()]
    print(f"{'table':34} {'n':>6} {'m':>3} {'budget':>12} {'LP by HiGHS':>14} {'difference':>10} "
          f"{'assignment':>12} {'status':>8} {'gap':>8} {'HiGHS s':>8} {'solve s':>8} {'ratio':>6}")
    cases, failed, failures = 0, 0, []
    for table in tables:
        ids, models, score, cost = load(table)
        n = len(ids)
        scored = np.where(np.isnan(score), -1, score)
        cheapest = np.nanmin(np.where(np.isnan(score), np.nan, cost), axis=1)
        dearest = np.where(scored == scored.max(axis=1, keepdims=True), cost, np.inf).min(axis=1)
        for span in SPANS:
            budget = round(cheapest.sum() + span * (dearest.sum() - cheapest.sum()), 9)
            optimum, seconds = highs(score, cost, budget)
            report, assignment = drayage(options.drayage, str(table), budget)
            difference = abs(report["lp_objective"] - optimum) / abs(optimum)
            picks = np.array([models.index(assignment[i]) for i in ids])
            nano = np.rint(cost[np.arange(n), picks] * 1e9).astype(np.int64).sum()
            value = score[np.arange(n), picks].sum()
            problems = []
            if difference > 1e-6:
                problems.append("the linear optimum differs")
            if len(assignment) != n or np.isnan(value):
                problems.append("the assignment is incomplete")
            if nano > round(budget * 1e9):
                problems.append("the assignment exceeds the budget")
            if abs(value - report["objective"]) > 1e-6 * abs(value):
                problems.append("the objective is not that of the assignment")
            if optimum - value > report["gap"] + 1e-6 * abs(value):
                problems.append("the assignment is outside its stated gap")
            cases += 1
            failed += bool(problems)
            failures += [f"{table} at {span:.0%}: {p}" for p in problems]
            print(f"{table.name:34} {n:6} {len(models):3} {budget:12.6f} {optimum:14.6f} {difference:10.1e} "
                  f"{value:12.4f} {report['status']:>8} {report['gap'] / abs(value):8.1e} {seconds:8.2f} {report['solve_seconds']:8.3f} "
                  f"{seconds / report['solve_seconds']:6.0f}", flush=True)
    for failure in failures:
        print("FAILED:", failure)
    print(f"{cases - failed} passed, {failed} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
