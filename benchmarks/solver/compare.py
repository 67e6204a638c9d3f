#!/usr/bin/env python3
"""Drayage's solver beside others, on the same instances in the same run.

By default one table per instance: the linear relaxation by every solver, each in a process of its own, with its CPU time
relative to Drayage's. With --exactness, many instances of every family instead, where Drayage must agree with HiGHS to 1e-7
relative, and bounds, assignments and proofs of infeasibility are recomputed in numpy from the exported columns.

Exits 1 if a check fails. Needs `pip install numpy scipy highspy`; ortools, clarabel, and the programs clp and glpsol are used
if they are installed.
"""

import argparse
import json
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
try:
    import exactness
    import peers
    from instance import Instance
except ImportError as error:
    sys.exit(f"{error}: `pip install numpy scipy highspy` installs what is needed")

COLUMNS = ["solver", "status", "objective", "difference", "violation", "CPU s", "wall s", "peak MB", "of it model", "CPU ratio"]


def difference(value, reference):
    return abs(value - reference) / max(abs(reference), 1e-12)


def own_result(report):
    """Drayage's report in the shape of a peer's."""
    run = report["runs"][-1]
    outcome = run["outcome"]
    return {
        "solver": "drayage", "status": outcome["status"], "objective": outcome.get("objective"), "violation": None,
        "cpu_seconds": min(run["cpuSeconds"]), "wall_seconds": min(run["wallSeconds"]),
        "median_wall_seconds": sorted(run["wallSeconds"])[len(run["wallSeconds"]) // 2],
        "peak_mb": report["solvePeakMegabytes"], "model_mb": report["residentMegabytes"],
        "build_seconds": report["buildSeconds"], "passes": outcome.get("passes"), "relative_gap": run.get("relativeGap"),
    }


def check_proof(report, instance):
    """What is wrong with the bound or the Farkas multipliers that Drayage gave, recomputed here."""
    outcome = report["runs"][-1]["outcome"]
    if outcome["status"] == "infeasible":
        value, size = instance.farkas(outcome["multipliers"])
        return [] if value > 1e-12 * size else [f"the multipliers prove nothing: {value:g} of {size:g}"]
    bound = instance.bound(outcome["prices"])
    if difference(bound, outcome["bound"]) > 1e-9:
        return [f"the bound is {bound!r} at the stated prices, not {outcome['bound']!r}"]
    if difference(outcome["objective"], bound) > 1e-9:
        return [f"the bound {bound!r} does not prove the objective {outcome['objective']!r}"]
    return []


def line(result, own):
    def shown(value, form):
        return "-" if value is None else format(value, form)

    objective, cpu = result.get("objective"), result.get("cpu_seconds")
    reference = own.get("objective")
    apart = None if objective is None or reference is None else difference(objective, reference)
    ratio = None if cpu is None or not own["cpu_seconds"] else cpu / own["cpu_seconds"]
    cells = [
        f"{result['solver']:23}", f"{result['status']:14}", f"{shown(objective, '.12g'):>18}", f"{shown(apart, '.1e'):>10}",
        f"{shown(result.get('violation'), '.1e'):>9}", f"{shown(cpu, '.3f'):>10}",
        f"{shown(result.get('wall_seconds'), '.3f'):>10}", f"{shown(result.get('peak_mb'), '.0f'):>8}",
        f"{shown(result.get('model_mb'), '.0f'):>11}", f"{shown(ratio, '.1f'):>9}"]
    return " ".join(cells)


def compare(options, groups):
    """Runs one instance through all solvers; returns what they did and what is wrong."""
    arguments = [
        "--family", options.family, "--groups", groups, "--options", options.options, "--rows", options.rows,
        "--seed", options.seed, "--goal", options.goal, "--storage", options.storage,
        "--mode", "infeasible" if options.goal == "infeasible" else "relaxation", "--repeat", options.repeat]
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        report, message = exactness.drayage(
            options.binary, arguments, folder, limit=options.time_limit * (options.repeat + 1))
        if report is None:
            return {"groups": groups, "results": [{"solver": "drayage", "status": message}], "problems": [message]}
        own = own_result(report)
        problems = check_proof(report, Instance(folder))
        results = [own]
        if options.format == "text":
            print(f"\n{options.family}, {options.goal}: n = {groups}, M = {options.options}, K = {report['rows']}, "
                  f"seed {options.seed}; {report['threads']} cores; "
                  f"{'' if own['passes'] is None else format(own['passes'], '.1f') + ' passes; '}"
                  f"the columns are {report['columnMegabytes']:.0f} MB; {len(problems)} problems with the proof in numpy")
            print("{:23} {:14} {:>18} {:>10} {:>9} {:>10} {:>10} {:>8} {:>11} {:>9}".format(*COLUMNS))
            print(line(own, own), flush=True)
        for name in options.solvers:
            result = peers.run(name, folder, options.time_limit)
            results.append(result)
            if options.format == "text":
                print(line(result, own), flush=True)
                if result.get("message"):
                    print(f"    {result['message']}")
    for problem in problems:
        print("FAILED:", problem, file=sys.stderr)
    return {"groups": groups, "report": report, "results": results, "problems": problems}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=HERE / ".build/release/solver-benchmark", help="solver-benchmark, built for release")
    parser.add_argument("--family", default="realistic")
    parser.add_argument("--groups", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--options", type=int, default=20)
    parser.add_argument("--rows", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--goal", default="minimizeCost", choices=["minimizeCost", "maximizeQuality", "infeasible"])
    parser.add_argument("--storage", default="single", choices=["single", "double", "features"])
    parser.add_argument("--repeat", type=int, default=3, help="how often Drayage solves it; the least time counts")
    parser.add_argument("--solvers", nargs="+", default=peers.NAMES, choices=peers.NAMES, metavar="NAME",
                        help="default: " + " ".join(peers.NAMES))
    parser.add_argument("--time-limit", type=float, default=600, help="seconds for each solver")
    parser.add_argument("--scratch", help="a folder for the instance's files")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--exactness", action="store_true", help="check many instances instead")
    parser.add_argument("--families", nargs="+", help="of the instances to check; default: all")
    parser.add_argument("--sizes", type=int, nargs="+", default=[60, 600, 3000, 20000], help="of the instances to check")
    options = parser.parse_args()
    if not pathlib.Path(options.binary).exists():
        sys.exit(f"{options.binary} does not exist: `swift build -c release --package-path {HERE}` builds it")
    if options.exactness:
        sys.exit(exactness.check(options, check_proof))
    answers = [compare(options, groups) for groups in options.groups]
    if options.format == "json":
        print(json.dumps(answers))
    sys.exit(1 if any(answer["problems"] for answer in answers) else 0)


if __name__ == "__main__":
    main()
