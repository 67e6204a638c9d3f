#!/usr/bin/env python3
"""A file of a million requests with bad lines at its 700,000th and after: they are told by line, and the rest is answered.

    broken.py PATH-OF-DRAYAGE [--rows 1000000]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from compare import CATALOG, TABLE, write_requests
from simulated import Provider

BAD = ['{"custom_id": "cut off", "body": {"messages": [{"role": "us', "not JSON \u0000 at all", '{"custom_id": 7}',
       '{"custom_id": "row-3", "body": {"messages": [{"role": "user", "content": "again"}]}}']


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("drayage")
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    drayage = os.path.abspath(arguments.drayage)
    first = arguments.rows * 7 // 10
    with tempfile.TemporaryDirectory(prefix="drayage-broken-") as folder:
        path = lambda name: os.path.join(folder, name)
        with open(path("table.csv"), "w") as file:
            file.write(TABLE)
        os.mkdir(path("pricing"))
        with open(path("pricing/local.json"), "w") as file:
            json.dump(CATALOG, file)
        write_requests(path("whole.jsonl"), arguments.rows)
        with open(path("whole.jsonl")) as whole, open(path("requests.jsonl"), "w") as broken:
            for number, text in enumerate(whole, 1):
                bad = first <= number < first + len(BAD)
                broken.write(BAD[number - first] + "\n" if bad else text)
        with Provider(drayage, folder, "table.csv", "--speed", "inf", "--pricing", "pricing") as provider:
            run = subprocess.run(
                [drayage, "batch", "requests.jsonl", "-o", "out.jsonl", "--budget", "1000", "--profile", "table.csv",
                 "--pricing", "pricing", "--no-bundled", "--base-url", provider.url, "--format", "json"],
                cwd=folder, capture_output=True, text=True)
            billed = provider.ledger()["billed_nanodollars"]
        report = json.loads(run.stdout)
        print(f"exit {run.returncode}: {report['answered']} of {report['requests']} answered; {run.stderr.strip()}")
        for failure in report["failures"]:
            print(f"  line {failure['line']}: {failure['code']}: {failure['message']}")
        with open(path("out.jsonl")) as output:
            errors = [(number, json.loads(text)["error"]["code"]) for number, text in enumerate(output, 1)
                      if '"error":null' not in text]
        expected = [(number, "invalid_request") for number in range(first, first + len(BAD))]
        whole, part = report["spent_usd"].split(".")
        spent = int(whole) * 10**9 + int((part + "0" * 9)[:9])
        good = (run.returncode == 4 and errors == expected and billed == spent
                and report["answered"] == arguments.rows - len(BAD))
        sys.exit(0 if good else f"errors on lines {errors[:10]}, {billed} billed of {spent} spent")


if __name__ == "__main__":
    main()
