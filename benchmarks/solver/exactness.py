"""Whether Drayage's answers are right, on many instances: against HiGHS, and against the exported columns in numpy."""

import json
import subprocess
import tempfile
import time

import peers
from instance import Instance

TOLERANCE = 1e-7
ASSIGNMENT_SECONDS = 5
STORAGES = ["single", "double", "features"]
OPTION_COUNTS = [20, 7, 35]
# Instances that were once answered wrongly or without proof, checked whatever the sizes.
PINNED = [
    {"family": family, "goal": goal, "groups": groups, "seed": seed, "rows": 25, "options": options, "storage": storage}
    for family, goal, groups, options, seed, storage in [
        ("allRowsTight", "minimizeCost", 60, 7, 4, "single"), ("allRowsTight", "maximizeQuality", 60, 35, 5, "double"),
        ("allRowsTight", "minimizeCost", 600, 20, 2, "single"), ("allRowsTight", "maximizeQuality", 600, 20, 2, "single"),
        ("hugeRanges", "minimizeCost", 60, 35, 5, "double"), ("hugeRanges", "minimizeCost", 600, 35, 1, "features"),
        ("hugeRanges", "minimizeCost", 2000, 20, 1, "single"), ("hugeRanges", "minimizeCost", 3000, 35, 2, "features"),
        ("hugeRanges", "maximizeQuality", 3000, 35, 2, "features"), ("hugeRanges", "infeasible", 600, 35, 3, "single"),
    ]
]


def drayage(binary, arguments, folder, limit):
    """A report of `solver-benchmark run` and None, or None and what went wrong. The instance is written to the folder."""
    command = [str(binary), "run", *map(str, arguments), "--export", str(folder), "--format", "json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None, f"no answer within {limit:g} s"
    if done.returncode != 0:
        message = (done.stderr or done.stdout).strip().splitlines()
        return None, f"ended with {done.returncode}: {message[-1] if message else ''}"
    return json.loads(done.stdout.splitlines()[-1]), None


def cases(options, families):
    """Arguments by instance. Small ones take more seeds; the realistic family takes other numbers of rows, too."""
    yield from (case for case in PINNED if case["family"] in families)
    for at, size in enumerate(options.sizes):
        seeds = 6 if size < 200 else 3 if size < 2000 else 1
        for family in families:
            for goal in ["minimizeCost", "maximizeQuality", "infeasible"]:
                if goal != "minimizeCost" and size > 10_000:
                    continue
                for seed in range(options.seed, options.seed + seeds):
                    variant = seed + 2 * at
                    rows = [25, 1, 109] if family == "realistic" and 200 <= size < 2000 else [25]
                    for count in rows:
                        yield {
                            "family": family, "goal": goal, "groups": size, "seed": seed, "rows": count,
                            "options": OPTION_COUNTS[variant % 3], "storage": STORAGES[(variant + variant // 3) % 3]}


def compare_with_highs(outcome, instance, limit):
    """The objective by HiGHS or its status, the relative difference or None, and what is wrong.

    Its interior point answers in most cases; where it breaks down or differs, its simplex is asked.
    """
    lp = instance.linear_program(outcome.get("objective"))
    nearest, statuses = None, []
    for method in ["ipm", "simplex"]:
        status, x, _ = peers.highs(method, tolerance=1e-9)(lp, limit)()
        statuses.append(status)
        if status == "infeasible" and outcome["status"] == "infeasible":
            return status, None, []
        if status != "optimal" or x is None or outcome["status"] == "infeasible":
            continue
        value = lp.objective(x)
        apart = abs(outcome["objective"] - value) / max(abs(value), 1e-12)
        if nearest is None or apart < nearest[1]:
            nearest = value, apart
        if apart <= TOLERANCE:
            return value, apart, []
    if nearest is None:
        return statuses[-1], None, [f"HiGHS says {' and '.join(statuses)}, Drayage {outcome['status']}"]
    return *nearest, [f"HiGHS finds {nearest[0]!r}, Drayage {outcome['objective']!r}"]


def may_be_fractional(case):
    """Whether no whole assignment need be found: few exist, if any, where a request is much of a limit, or all bind."""
    return case["groups"] < 2000 or case["family"] == "allRowsTight" or case["rows"] > 25


def check_assignment(outcome, instance, case):
    """What is wrong with a whole assignment."""
    if outcome["status"] == "onlyFractional":
        return [] if may_be_fractional(case) else ["no whole assignment was found"]
    value, missed = instance.evaluate(instance.assignment)
    problems = []
    if not missed <= 1e-12:
        problems.append(f"the assignment misses a limit by {missed:.1e}")
    size = max(abs(value), 1e-12)
    if not abs(value - outcome["value"]) <= 1e-9 * size:
        problems.append(f"the assignment's objective is {value!r}, not {outcome['value']!r}")
    ahead = value - outcome["bound"] if instance.maximizes else outcome["bound"] - value
    if ahead > 1e-9 * size:
        problems.append(f"the assignment's objective {value!r} is better than the bound {outcome['bound']!r}")
    return problems


def check_case(case, options, check_proof):
    """A record of one instance, with the problems found."""
    record = dict(case, objective=None, highs=None, difference=None, gap=None, problems=[])
    arguments = [text for key, value in case.items() for text in (f"--{key}", value)]
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        report, message = drayage(options.binary, [*arguments, "--mode", "relaxation"], folder, options.time_limit)
        if report is None:
            record["problems"].append(message)
            return record
        outcome = report["runs"][-1]["outcome"]
        instance = Instance(folder)
        wanted = "infeasible" if case["goal"] == "infeasible" else "optimal"
        if outcome["status"] != wanted:
            record["problems"].append(f"it is {outcome['status']}, not {wanted}")
        record["objective"] = outcome.get("objective")
        record["problems"] += check_proof(report, instance)
        record["highs"], record["difference"], problems = compare_with_highs(outcome, instance, options.time_limit)
        record["problems"] += problems
    if wanted == "infeasible":
        return record
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        arguments += ["--mode", "assignment", "--time-limit", ASSIGNMENT_SECONDS]
        report, message = drayage(options.binary, arguments, folder, 10 * ASSIGNMENT_SECONDS)
        if report is None:
            if not may_be_fractional(case):
                record["problems"].append("whole assignment: " + message)
            return record
        record["gap"] = report["runs"][-1].get("relativeGap")
        record["problems"] += check_assignment(report["runs"][-1]["outcome"], Instance(folder), case)
    return record


def check(options, check_proof):
    """Runs all cases; 1 if any failed, else 0."""
    known = subprocess.run([str(options.binary), "families"], capture_output=True, text=True, check=True).stdout
    families = options.families or [line.split()[0] for line in known.splitlines()]
    text = options.format == "text"
    records = []
    if text:
        print(f"{'family':20} {'goal':16} {'n':>6} {'M':>3} {'K':>4} {'seed':>4} {'storage':9} {'LP objective':>19} "
              f"{'HiGHS':>19} {'difference':>10} {'whole gap':>9} {'s':>6}")
    for case in cases(options, families):
        start = time.perf_counter()
        record = check_case(case, options, check_proof)
        records.append(record)
        if text:
            shown = {
                key: "-" if value is None else value if isinstance(value, str) else format(value, form)
                for key, value, form in (
                    ("objective", record["objective"], ".12g"), ("highs", record["highs"], ".12g"),
                    ("difference", record["difference"], ".1e"), ("gap", record["gap"], ".1e"))}
            print(f"{case['family']:20} {case['goal']:16} {case['groups']:6} {case['options']:3} {case['rows']:4} "
                  f"{case['seed']:4} {case['storage']:9} {shown['objective']:>19} {shown['highs']:>19} "
                  f"{shown['difference']:>10} {shown['gap']:>9} {time.perf_counter() - start:6.1f}", flush=True)
            for problem in record["problems"]:
                print("    FAILED:", problem, flush=True)
    failed = sum(bool(record["problems"]) for record in records)
    feasible = [record for record in records if record["goal"] != "infeasible"]
    found = sum(record["gap"] is not None for record in feasible)
    summary = f"{len(records) - failed} passed, {failed} failed; a whole assignment was found for {found} of {len(feasible)}"
    print(summary if text else json.dumps(records))
    return 1 if failed or not records else 0
