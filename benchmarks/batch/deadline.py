#!/usr/bin/env python3
"""A batch under rate limits that just suffice, and under ones that do not.

Two simulated providers let 600 and 300 requests through a minute, and refuse what is more. As many requests as they can
answer in two minutes (their buckets begin full: the fluid bound) are run as soon as can be, with a 40th more time, and with a
20th more, and the time is measured; a sixth more requests must be refused before anything is sent, with the time that they
would take.

    deadline.py PATH-OF-DRAYAGE
"""

import glob
import json
import os
import subprocess
import sys
import tempfile
import time

from simulated import Provider

LIMITS = {"alpha": 600, "beta": 300}
SECONDS = 120
BURST = sum(LIMITS.values())
FLUID = BURST + BURST * SECONDS // 60

TABLE = "query_id,dataset,input_tokens," + ",".join(
    f"{name}-model|score,{name}-model|out_tok,{name}-model|cost_usd" for name in LIMITS) + """
known,default,50,0.8,20,0.0001,0.6,20,0.00005
"""


def catalog(name, limit):
    return {
        "format": "pricing/1", "provider": name, "currency": "USD", "unit": "Mtok", "as_of": "2026-11-22",
        "api": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:1/v1", "idempotency_header": "Idempotency-Key"},
        "sources": {"list": "made up"},
        "quota": [{"plan": "*", "rpm": limit, "source": "list", "checked": "2026-11-22"}],
        "offers": [
            {"id": f"{name}-model", "model": f"{name}-model", "limits": {"context": 128000, "output": 16384},
             "rates": [{"from": None, "source": "list", "checked": "2026-11-22", "base": {"in": "0.15", "out": "0.6"}}]}
        ],
    }


def main():
    drayage = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="drayage-deadline-") as folder:
        path = lambda name: os.path.join(folder, name)
        with open(path("table.csv"), "w") as file:
            file.write(TABLE)
        os.mkdir(path("pricing"))
        for name, limit in LIMITS.items():
            with open(path(f"pricing/{name}.json"), "w") as file:
                json.dump(catalog(name, limit), file)

        def write(rows):
            with open(path(f"{rows}.jsonl"), "w") as file:
                for row in range(rows):
                    body = {"messages": [{"role": "user", "content": f"Row {row}?"}], "max_tokens": 50}
                    file.write(json.dumps({"custom_id": f"row-{row}", "body": body}) + "\n")

        limits = [word for name, limit in LIMITS.items() for word in ("--limit", f"{name}-model:rpm={limit}")]

        def batch(provider, rows, *more):
            write(rows)
            started = time.time()
            run = subprocess.run(
                [drayage, "batch", f"{rows}.jsonl", "-o", "out.jsonl", "--budget", "100", "--profile", "table.csv",
                 "--pricing", "pricing", "--no-bundled", "--base-url", provider.url, "--format", "json", *more],
                cwd=folder, capture_output=True, text=True)
            return time.time() - started, run

        def provider():
            for name in glob.glob(path("out.jsonl*")):
                os.remove(name)
            return Provider(drayage, folder, "table.csv", "--speed", "1", "--pricing", "pricing", *limits)

        with provider() as fresh:
            seconds, run = batch(fresh, FLUID * 7 // 6, "--within", f"{SECONDS}s")
            report = json.loads(run.stdout)
            print(f"{FLUID * 7 // 6} requests: exit {run.returncode} after {seconds:.1f} s, would take "
                  f"{report.get('needed_s', 0):.0f} s (fluid bound {60 * (FLUID * 7 // 6 - BURST) / BURST:.0f} s)")
        for words in (["--within", f"{SECONDS}s", "--best-effort"], ["--within", f"{1.025 * SECONDS:g}s"],
                      ["--within", f"{1.05 * SECONDS:g}s"]):
            with provider() as fresh:
                seconds, run = batch(fresh, FLUID, *words)
                report = json.loads(run.stdout)
                print(f"{FLUID} requests, {' '.join(words)}: exit {run.returncode}, {report['answered']} answered in "
                      f"{seconds:.1f} s, {100 * (seconds / SECONDS - 1):+.1f} % of the fluid bound of {SECONDS} s; "
                      f"{fresh.ledger()['limited']} refused for the rate", flush=True)


if __name__ == "__main__":
    main()
