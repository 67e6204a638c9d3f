"""Other solvers on the whole linear program of an instance, each in a process of its own.

`peers.run(name, folder, limit)` starts such a process and returns what it took. Only the solver's call is timed: not the
interpreter, not the model's building, and for programs that read a file, not the reading, which is timed by itself and
subtracted.
"""

import argparse
import importlib.util
import json
import math
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time


def cpu_seconds(who=resource.RUSAGE_SELF):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def megabytes(maxrss):
    """ru_maxrss counts kilobytes on Linux, bytes on macOS."""
    return maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def reset_peak():
    """On Linux, so that the peak is that of solving; what the model takes is part of it."""
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def peak_megabytes():
    try:
        status = pathlib.Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024 / 1e6
    except (OSError, TypeError):
        return megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


# Each of these takes a linear program and a time limit and returns a function that solves it. That function returns the
# status, the values of the columns or None, and the number of iterations or None.


def highs(method, crossover="on", tolerance=1e-7):
    def prepare(lp, limit):
        import highspy
        import numpy as np

        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(lp.cost), len(lp.lower)
        model.col_cost_ = lp.cost
        model.col_lower_, model.col_upper_ = np.zeros(len(lp.cost)), np.full(len(lp.cost), highspy.kHighsInf)
        model.row_lower_, model.row_upper_ = lp.lower, lp.upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_ = lp.matrix.indptr, lp.matrix.indices
        model.a_matrix_.value_ = lp.matrix.data
        solver = highspy.Highs()
        options = {"output_flag": False, "threads": 1, "parallel": "off", "time_limit": float(limit)}
        options |= {"solver": method, "run_crossover": crossover}
        options |= {"primal_feasibility_tolerance": tolerance, "dual_feasibility_tolerance": tolerance}
        # By default it takes coefficients below 1e-9 for zero, which moves the optimum of instances of huge ranges.
        options["small_matrix_value"] = 1e-12
        for name, value in options.items():
            solver.setOptionValue(name, value)
        solver.passModel(model)

        def solve():
            solver.run()
            status = solver.getModelStatus()
            names = {
                highspy.HighsModelStatus.kOptimal: "optimal",
                highspy.HighsModelStatus.kInfeasible: "infeasible",
                highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
                highspy.HighsModelStatus.kTimeLimit: "time limit",
            }
            info = solver.getInfo()
            iterations = max(info.simplex_iteration_count, 0) + max(info.ipm_iteration_count, 0)
            x = np.array(solver.getSolution().col_value) if info.primal_solution_status > 0 else None
            return names.get(status, solver.modelStatusToString(status)), x, iterations

        return solve

    return prepare


def ortools(method, parameters=""):
    def prepare(lp, limit):
        import numpy as np
        from ortools.linear_solver.python import model_builder_helper as builder

        model = builder.ModelBuilderHelper()
        columns = len(lp.cost)
        model.fill_model_from_sparse_data(
            np.zeros(columns), np.full(columns, np.inf), lp.cost, lp.lower, lp.upper, lp.matrix)
        solver = builder.ModelSolverHelper(method)
        if not solver.solver_is_supported():
            raise ModuleNotFoundError(method)
        solver.set_time_limit_in_seconds(limit)
        if parameters:
            solver.set_solver_specific_parameters(parameters)

        def solve():
            start = time.perf_counter()
            solver.solve(model)
            status = solver.status().name.lower().replace("_", " ")
            if status != "optimal" and time.perf_counter() - start > 0.98 * limit:
                status = "time limit"
            x = np.array(solver.variable_values()) if solver.has_solution() else None
            return status, x, None

        return solve

    return prepare


def clarabel():
    def prepare(lp, limit):
        import clarabel as solver
        import numpy as np
        import scipy.sparse as sp

        equal = lp.lower == lp.upper
        most = ~equal & np.isfinite(lp.upper)
        least = ~equal & np.isfinite(lp.lower)
        columns = len(lp.cost)
        matrix = sp.vstack(
            [lp.matrix[equal], lp.matrix[most], -lp.matrix[least], -sp.identity(columns, format="csr")], format="csc")
        limits = np.concatenate([lp.upper[equal], lp.upper[most], -lp.lower[least], np.zeros(columns)])
        cones = [solver.ZeroConeT(int(equal.sum())), solver.NonnegativeConeT(matrix.shape[0] - int(equal.sum()))]
        settings = solver.DefaultSettings()
        settings.verbose, settings.time_limit, settings.max_threads = False, float(limit), 1
        made = solver.DefaultSolver(sp.csc_matrix((columns, columns)), lp.cost, matrix, limits, cones, settings)

        def solve():
            solution = made.solve()
            status = str(solution.status)
            names = {"Solved": "optimal", "PrimalInfeasible": "infeasible", "MaxTime": "time limit"}
            return names.get(status, status), np.array(solution.x), solution.iterations

        return solve

    return prepare


def write_mps(lp, path):
    """Free MPS, minimizing."""
    matrix = lp.matrix.tocsc()
    with open(path, "w") as file:
        file.write("NAME instance FREE\nROWS\n N cost\n")
        for i, (lower, upper) in enumerate(zip(lp.lower.tolist(), lp.upper.tolist())):
            file.write(f" {'E' if lower == upper else 'G' if upper == float('inf') else 'L'} r{i}\n")
        file.write("COLUMNS\n")
        costs, starts = lp.cost.tolist(), matrix.indptr.tolist()
        for j, cost in enumerate(costs):
            part = slice(starts[j], starts[j + 1])
            lines = [f" x{j} cost {cost!r}\n"] if cost else []
            for i, value in zip(matrix.indices[part].tolist(), matrix.data[part].tolist()):
                lines.append(f" x{j} r{i} {value!r}\n")
            file.writelines(lines)
        file.write("RHS\n")
        for i, (lower, upper) in enumerate(zip(lp.lower.tolist(), lp.upper.tolist())):
            file.write(f" RHS r{i} {upper if upper < float('inf') else lower!r}\n")
        file.write("ENDATA\n")


def measured(command, limit):
    """Runs a program: its output, CPU and wall seconds, peak megabytes, and whether the limit ended it."""
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            preexec_fn=lambda: signal.alarm(math.ceil(limit)))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        output.seek(0)
        text = output.read()
    is_over = process.returncode == -signal.SIGALRM
    return text, usage.ru_utime + usage.ru_stime, wall, megabytes(usage.ru_maxrss), is_over


# Each of these returns the program, the commands that only read and that solve, and a parser of what it says and of its
# solution: the status and the values of the columns or None.


def clp(action):
    def commands(model, limit, solution):
        return (["clp", model, "-quit"],
                ["clp", model, "-seconds", str(limit), action, "-solution", solution, "-quit"])

    def parse(text, solution, x):
        if "Optimal objective" not in text:
            return ("time limit" if "Stopped" in text else "infeasible" if "infeasible" in text else "failed"), None
        # Index, name, value, reduced cost; zeros are left out.
        for line in pathlib.Path(solution).read_text().splitlines():
            found = re.match(r"[\s*]*\d+\s+x(\d+)\s+(\S+)", line)
            if found:
                x[int(found[1])] = float(found[2])
        return "optimal", x

    return "clp", commands, parse


def glpsol():
    def commands(model, limit, solution):
        # Its own limit does not hold in the presolver.
        return (["glpsol", "--freemps", model, "--check"],
                ["glpsol", "--freemps", model, "--tmlim", str(math.ceil(limit)), "--write", solution])

    def parse(text, solution, x):
        if "TIME LIMIT EXCEEDED" in text:
            return "time limit", None
        if re.search(r"NO (PRIMAL )?FEASIBLE SOLUTION", text):
            return "infeasible", None
        lines = pathlib.Path(solution).read_text().splitlines() if os.path.exists(solution) else []
        # s bas ROWS COLUMNS PRIMAL DUAL OBJECTIVE, and j COLUMN STATUS VALUE DUAL
        if not any(re.match(r"s bas \d+ \d+ f f ", line) for line in lines):
            return "failed", None
        for line in lines:
            if line.startswith("j "):
                _, column, _, value, _ = line.split()
                x[int(column) - 1] = float(value)
        return "optimal", x

    return "glpsol", commands, parse


LIBRARIES = {
    "highs-simplex": ("highspy", highs("simplex")),
    "highs-ipm": ("highspy", highs("ipm")),
    "highs-ipm-no-crossover": ("highspy", highs("ipm", "off")),
    "glop": ("ortools", ortools("glop")),
    "pdlp-1e-4": ("ortools", ortools(
        "pdlp", "termination_criteria { simple_optimality_criteria { "
        "eps_optimal_absolute: 1e-4 eps_optimal_relative: 1e-4 } }")),
    "clarabel": ("clarabel", clarabel()),
}
PROGRAMS = {"clp-dual": clp("-dualsimplex"), "clp-barrier": clp("-barrier"), "glpk": glpsol()}
NAMES = [*LIBRARIES, *PROGRAMS]


def is_installed(name):
    if name in PROGRAMS:
        return shutil.which(PROGRAMS[name][0]) is not None
    return importlib.util.find_spec(LIBRARIES[name][0]) is not None


def answer(lp, x):
    if x is None or len(x) != len(lp.cost):
        return {"objective": None, "violation": None}
    return {"objective": lp.objective(x), "violation": lp.violation(x)}


def solve_by_library(name, folder, limit):
    from instance import Instance

    start = time.perf_counter()
    lp = Instance(folder).linear_program()
    solve = LIBRARIES[name][1](lp, limit)
    print(json.dumps({"build_seconds": time.perf_counter() - start, "build_cpu_seconds": cpu_seconds()}), flush=True)
    reset_peak()
    before = peak_megabytes()
    # The default action ends the process even within the solver, should it not keep its own limit.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(math.ceil(1.05 * limit) + 5)
    cpu, wall = cpu_seconds(), time.perf_counter()
    status, x, iterations = solve()
    cpu, wall = cpu_seconds() - cpu, time.perf_counter() - wall
    signal.alarm(0)
    peak = peak_megabytes()
    return {
        "status": status, "cpu_seconds": cpu, "wall_seconds": wall, "peak_mb": peak, "model_mb": before,
        **answer(lp, x if status == "optimal" else None), "iterations": iterations,
    }


def solve_by_program(name, folder, limit):
    import numpy as np

    from instance import Instance

    start = time.perf_counter()
    lp = Instance(folder).linear_program()
    _, commands, parse = PROGRAMS[name]
    with tempfile.TemporaryDirectory() as work:
        model, solution = f"{work}/model.mps", f"{work}/solution.txt"
        write_mps(lp, model)
        read, run = commands(model, limit, solution)
        _, read_cpu, read_wall, read_peak, _ = measured(read, 3600)
        build_seconds = time.perf_counter() - start
        text, cpu, wall, peak, is_over = measured(run, limit + read_wall + 5)
        status, x = ("time limit", None) if is_over else parse(text, solution, np.zeros(len(lp.cost)))
    return {
        "status": status, "cpu_seconds": max(cpu - read_cpu, 0), "wall_seconds": max(wall - read_wall, 0), "peak_mb": peak,
        "model_mb": read_peak, "build_seconds": build_seconds, **answer(lp, x), "iterations": None,
    }


def run(name, folder, limit):
    """What a solver takes and finds, as a dictionary with at least `solver` and `status`."""
    if not is_installed(name):
        return {"solver": name, "status": "not installed"}
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, __file__, name, str(folder), str(limit)], stdout=subprocess.PIPE, stderr=errors, text=True)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        message = errors.read().strip().splitlines()
    result = {"solver": name}
    for line in output.splitlines():
        if line.startswith("{"):
            result |= json.loads(line)
    if "status" not in result:
        total = usage.ru_utime + usage.ru_stime
        result |= {"cpu_seconds": total - result.get("build_cpu_seconds", 0), "peak_mb": megabytes(usage.ru_maxrss)}
        if process.returncode == -signal.SIGALRM:
            result["status"] = "time limit"
        elif process.returncode == -signal.SIGKILL:
            result["status"] = "out of memory"
        else:
            result |= {"status": "failed", "message": message[-1] if message else f"exit {process.returncode}"}
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("folder")
    parser.add_argument("limit", type=float)
    options = parser.parse_args()
    act = solve_by_program if options.name in PROGRAMS else solve_by_library
    print(json.dumps(act(options.name, options.folder, options.limit)), flush=True)
