#!/usr/bin/env python3
"""Runs small batches against simulated providers that fail, kills them at random moments, and checks the books.

Every run is drawn from its seed. After it: each request is in the output once; no answer that a ledger ever held is
lost or changed; what the simulated providers billed, by their own count, is at most what the batch says it spent,
and that is at most the budget, at every moment that is looked at.

    chaos.py PATH-OF-DRAYAGE [--runs 1000] [--job-runs 100] [--postgres-runs 50] [--first-seed 0] [--lanes 4]

Runs with jobs give the batch a day, and OpenAI and Anthropic take jobs at half the price, some of which fail or expire.

With PostgreSQL, three workers share a batch, two of them are killed, and the server is restarted now and then as
after a crash. Needs nothing besides Python's standard library and, for that, `initdb` and `psql`.
"""

import argparse
import concurrent.futures
import csv
import glob
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLE = os.path.join(ROOT, "benchmarks", "demo", "recorded.csv")
PRICING = os.path.join(ROOT, "benchmarks", "demo", "pricing")
FAULTS = ["429", "500", "503", "reset", "truncated", "malformed"]


class Violation(Exception):
    pass


def require(condition, message):
    if not condition:
        raise Violation(message)


def nano(text):
    whole, _, part = text.partition(".")
    return int(whole) * 10**9 + int((part + "0" * 9)[:9])


class Market:
    """A folder with some queries, their requests, and a simulated provider of them."""

    def __init__(self, drayage, seed, rows, jobs=False):
        """`jobs`: whether providers take jobs too, and a day is given to them."""
        self.drayage = drayage
        self.jobs = jobs
        self.random = random.Random(seed)
        self.folder = tempfile.mkdtemp(prefix="drayage-chaos-")
        with open(TABLE, newline="") as source:
            table = list(csv.reader(source))
        chosen = self.random.sample(table[1:], rows)
        self.ids = [row[0] for row in chosen]
        with open(self.path("table.csv"), "w", newline="") as target:
            csv.writer(target, lineterminator="\n").writerows([table[0]] + chosen)
        subprocess.run(
            [drayage, "simulate", "table.csv", "--write-requests", "requests.jsonl"],
            cwd=self.folder, check=True, capture_output=True)
        self.pricing = self.sell_jobs() if jobs else PRICING
        faults = self.random.sample(FAULTS, self.random.randint(0, 4))
        share = self.random.choice([0.02, 0.1, 0.25]) / max(1, len(faults))
        words = [f"{fault}={share}" for fault in faults] + (["hang=0.01"] if self.random.random() < 0.2 else [])
        self.simulator = subprocess.Popen(
            [drayage, "simulate", "table.csv", "--port", "0", "--pricing", self.pricing, "--retry-after", "0",
             "--seed", str(seed), "--speed", self.random.choice(["inf", "200", "60"])]
            + (["--fail", ",".join(words)] if words else []) + (self.job_faults() if jobs else []),
            cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.url = None
        for line in self.simulator.stderr:
            if "listening on" in line:
                self.url = line.split("listening on ")[1].split()[0]
            if "until Ctrl-C" in line:
                break
        require(self.url, "the simulator does not listen")
        threading.Thread(target=self.simulator.stderr.read, daemon=True).start()

    def sell_jobs(self):
        """Prices like those of the demo, at which OpenAI and Anthropic take jobs at half of them."""
        folder = self.path("pricing")
        shutil.copytree(PRICING, folder)
        for name, dialect in [("openai", "openai-chat"), ("anthropic", "anthropic-messages")]:
            with open(os.path.join(folder, name + ".json")) as file:
                sheet = json.load(file)
            sheet["api"]["dialect"] = dialect
            for offer in sheet["offers"]:
                for rates in offer["rates"]:
                    rates["rules"] = [{"group": "service", "when": {"service": "batch"}, "mul": "0.5"}]
            with open(os.path.join(folder, name + ".json"), "w") as file:
                json.dump(sheet, file)
        return folder

    def job_faults(self):
        words = ["--batch-delay", self.random.choice(["0", "60", "200"])]
        if self.random.random() < 0.5:
            words += ["--batch-fail", "500=0.1,429=0.1"]
        if self.random.random() < 0.3:
            words += ["--batch-job-fail", "0.2", "--batch-job-expire", "0.3"]
        return words

    def path(self, name):
        return os.path.join(self.folder, name)

    def billed(self):
        with urllib.request.urlopen(self.url.replace("/v1", "/simulate/ledger"), timeout=30) as reply:
            return json.load(reply)["total"]["billed_nanodollars"]

    def batch(self, budget, output, *more):
        return subprocess.Popen(
            [self.drayage, "batch", "requests.jsonl", "-o", output, "--profile", "table.csv", "--pricing", self.pricing,
             "--no-bundled", "--base-url", self.url, "--budget", budget, "--timeout", "2", "--longest-wait", "20",
             "--in-flight", str(self.random.choice([1, 4, 16])), "--format", "json",
             *(["--within", "1d"] if self.jobs else []), *more],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def check_output(self, output, report, budget):
        """What a run that came to its end has written and said; returns the answered requests."""
        with open(self.path(output)) as source:
            lines = [json.loads(line) for line in source]
        require([line["custom_id"] for line in lines] == self.ids, "the output is not one line for each request")
        answered = {line["custom_id"]: line for line in lines if line["response"]}
        require(all((line["response"] is None) != (line["error"] is None) for line in lines), "neither answer nor error")
        require(report["answered"] == len(answered), "the report counts other answers than the output")
        spent = nano(report["spent_usd"])
        require(self.billed() <= spent, f"billed {self.billed()}, and only {spent} is known to be spent")
        require(spent <= nano(budget), f"{spent} spent of {budget}")
        return answered

    def remove(self):
        self.simulator.kill()
        self.simulator.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def ledger_answers(market, path):
    """The answers that a ledger holds, read from a copy of it, as a crash has left it."""
    if not os.path.exists(market.path(path)):
        return {}
    copy = tempfile.mkdtemp(dir=market.folder)
    for suffix in ["", "-wal"]:
        if os.path.exists(market.path(path + suffix)):
            shutil.copy(market.path(path + suffix), os.path.join(copy, "copy" + suffix))
    connection = sqlite3.connect(os.path.join(copy, "copy"))
    try:
        rows = connection.execute(
            "SELECT job.id, result.content FROM job JOIN result ON result.id = job.result "
            "WHERE job.state = 2 AND job.code IS NULL").fetchall()
    except sqlite3.OperationalError:
        return {}  # killed before the tables were made
    finally:
        connection.close()
        shutil.rmtree(copy)
    return {name[1:]: json.loads(content) for name, content in rows}


def alone(drayage, seed, jobs=False):
    """One batch on SQLite, killed up to four times."""
    market = Market(drayage, seed, 24, jobs)
    try:
        budget = market.random.choice(["1", "0.01", "0.003", "0.0017"])
        known = {}
        kills = 0
        for _ in range(market.random.randint(1, 4)):
            program = market.batch(budget, "answers.jsonl")
            try:
                program.communicate(timeout=market.random.random() ** 2 * 1.5)
            except subprocess.TimeoutExpired:
                program.kill()
                program.communicate()
                kills += 1
            require(market.billed() <= nano(budget), f"billed {market.billed()} of {budget}")
            now = ledger_answers(market, "answers.jsonl.ledger")
            require(all(now.get(key) == line for key, line in known.items()), "an answer was lost or changed")
            known = now
        program = market.batch(budget, "answers.jsonl")
        # That a job which was not answered for was not taken is sure after forty minutes only.
        output, errors = program.communicate(timeout=3000 if jobs else 300)
        if program.returncode == 2:
            require(not known and market.billed() == 0, "infeasible after something was billed")
            return {"kills": kills, "infeasible": 1}
        require(program.returncode in (0, 4), f"exit {program.returncode}: {errors}")
        answered = market.check_output("answers.jsonl", json.loads(output), budget)
        require(all(answered.get(key) == line for key, line in known.items()), "an answer is not in the output")
        report = {"kills": kills, "answered": len(answered), "requests": len(market.ids)}
        if jobs:
            report["in jobs"] = sum(line["drayage"]["offer"].endswith("@batch") for line in answered.values())
        return report
    finally:
        market.remove()


class Cluster:
    """A PostgreSQL server of its own."""

    def __init__(self):
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        require(programs, "PostgreSQL is not installed")
        self.programs = programs[-1]
        self.folder = tempfile.mkdtemp(prefix="drayage-chaos-pg-")
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.run(f"{self.programs}/initdb -D {self.folder}/data -U postgres -A trust")
        self.start()

    def run(self, command):
        words = ["/bin/sh", "-c", f"cd / && {command} > /dev/null 2>&1 < /dev/null"]
        if os.geteuid() == 0:
            words = ["su", "postgres", "-s", *words]
        subprocess.run(words, check=True)

    def start(self):
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=300"
        self.run(f'{self.programs}/pg_ctl -D {self.folder}/data -l {self.folder}/log -w -o "{options}" start')

    def crash(self):
        self.run(f"{self.programs}/pg_ctl -D {self.folder}/data -m immediate -w stop")
        self.start()

    def psql(self, text):
        for _ in range(50):
            answer = subprocess.run(
                [f"{self.programs}/psql", "-h", self.folder, "-U", "postgres", "-c", text], capture_output=True)
            if answer.returncode == 0:
                return
            time.sleep(0.2)
        raise Violation(answer.stderr.decode())

    def address(self, schema):
        self.psql(f"CREATE SCHEMA {schema}")
        return f"postgresql://postgres@/postgres?host={self.folder}&options=-csearch_path%3D{schema}"

    def remove(self):
        self.run(f"{self.programs}/pg_ctl -D {self.folder}/data -m immediate -w stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def together(drayage, seed, cluster):
    """One batch on PostgreSQL, by three workers of which two are killed."""
    market = Market(drayage, seed, 60)
    try:
        address = cluster.address(f"chaos_{seed}_{os.getpid()}")
        budget = market.random.choice(["1", "0.03", "0.006"])
        def work(number):
            return market.batch(budget, f"answers-{number}.jsonl", "--ledger", address, "--name", "chaos")
        workers = [work(number) for number in range(3)]
        kills = 0
        for worker in workers[:2]:
            try:
                worker.communicate(timeout=market.random.random() * 2)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.communicate()
                kills += 1
            require(market.billed() <= nano(budget), f"billed {market.billed()} of {budget}")
        output, errors = workers[2].communicate(timeout=400)
        last = 2
        while workers[last].returncode == 1 and last < 7:
            # The server was away for too long, or just when the worker began: as the message says, it is run again.
            require("postgres" in errors, errors)
            time.sleep(1)
            last += 1
            workers.append(work(last))
            output, errors = workers[last].communicate(timeout=400)
        code = workers[last].returncode
        require(code in (0, 2, 4), f"exit {code}: {errors}")
        if code == 2:
            require(market.billed() == 0, "infeasible after something was billed")
            return {"kills": kills, "infeasible": 1}
        answered = market.check_output(f"answers-{last}.jsonl", json.loads(output), budget)
        for number, worker in enumerate(workers[:last]):
            path = market.path(f"answers-{number}.jsonl")
            if worker.returncode in (0, 4) and os.path.exists(path):
                with open(path) as source:
                    for line in map(json.loads, source):
                        if line["response"]:
                            require(answered.get(line["custom_id"]) == line, "two workers tell different answers")
        return {"kills": kills, "answered": len(answered), "requests": len(market.ids)}
    finally:
        market.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("drayage")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--postgres-runs", type=int, default=50)
    parser.add_argument("--job-runs", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--restart-every", type=float, default=15, help="seconds between crashes of the server")
    arguments = parser.parse_args()
    drayage = os.path.abspath(arguments.drayage)
    failed = False

    def perform(name, runs, body, lanes):
        nonlocal failed
        started = time.time()
        sums = {}
        with concurrent.futures.ThreadPoolExecutor(lanes) as pool:
            seeds = range(arguments.first_seed, arguments.first_seed + runs)
            futures = {pool.submit(body, seed): seed for seed in seeds}
            for done in concurrent.futures.as_completed(futures):
                try:
                    for key, value in done.result().items():
                        sums[key] = sums.get(key, 0) + value
                except Exception as error:
                    failed = True
                    print(f"{name}, seed {futures[done]}: {type(error).__name__}: {error}", flush=True)
        words = ", ".join(f"{value} {key}" for key, value in sorted(sums.items()))
        print(f"{name}: {runs} runs in {time.time() - started:.0f} s: {words}", flush=True)

    if arguments.runs:
        perform("SQLite", arguments.runs, lambda seed: alone(drayage, seed), arguments.lanes)
    if arguments.job_runs:
        perform("SQLite, with jobs", arguments.job_runs, lambda seed: alone(drayage, seed, True), 2 * arguments.lanes)
    if arguments.postgres_runs:
        cluster = Cluster()
        over = threading.Event()

        def restart():
            while not over.wait(arguments.restart_every):
                cluster.crash()

        thread = threading.Thread(target=restart)
        thread.start()
        try:
            perform(
                "PostgreSQL", arguments.postgres_runs, lambda seed: together(drayage, seed, cluster),
                arguments.lanes)
        finally:
            over.set()
            thread.join()
            cluster.remove()
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
