"""Runs every client in turn, several rounds, and prints one table. Called by run.sh; see README.md.

Usage: compare.py SERVER RAW SWIFT
                  [--rounds N] [--seconds S] [--concurrency C ...] [--only NAME ...] [--other SWIFT]
                  [--no-streams] [--no-slow] [--json FILE]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CHUNKS = 100

# Name, command; {raw}, {swift}, {url}, {concurrency}, {seconds} are filled in.
WHOLE = {
    "libcurl": "{raw} {url}/v1/chat/completions {concurrency} {seconds} once",
    "libcurl, set anew": "{raw} {url}/v1/chat/completions {concurrency} {seconds} anew",
    "transport": "{swift} load transport {url}/v1 --concurrency {concurrency} --seconds {seconds}",
    "transport, on its thread": "{swift} load transport {url}/v1 --concurrency {concurrency} --seconds {seconds} --inside",
    "executor": "{swift} load executor {url}/v1 --concurrency {concurrency} --seconds {seconds}",
    "executor, on the transport's thread":
        "{swift} load executor {url}/v1 --concurrency {concurrency} --seconds {seconds} --inside",
    "executor, no network": "{swift} load executor-alone {url}/v1 --concurrency {concurrency} --seconds {seconds}",
    "async-http-client": "{swift} load async-http-client {url}/v1 --concurrency {concurrency} --seconds {seconds}",
    "litellm Router": "{python} {here}/router.py {url}/v1 {concurrency} {seconds}",
}
STREAMED = {
    "libcurl": "{raw} {url}/v1/chunks/{chunks}/chat/completions {concurrency} {seconds} once stream",
    "transport": "{swift} load transport-stream {url}/v1/chunks/{chunks} --concurrency {concurrency} --seconds {seconds}",
    "executor": "{swift} load executor-stream {url}/v1/chunks/{chunks} --concurrency {concurrency} --seconds {seconds}",
    "executor, on the transport's thread":
        "{swift} load executor-stream {url}/v1/chunks/{chunks} --concurrency {concurrency} --seconds {seconds} --inside",
}


# What chooses among so many offers, without sending anything.
DECIDING = {
    "Drayage (decide, reserve, explain)": "{swift} decide --offers {offers}",
    "litellm Router, cost-based-routing": "{python} {here}/router.py decide {offers}",
}
OFFERS = [2, 10, 25, 100]

# So far off that one round says it, and slow to start.
ONCE = {"litellm Router"}


def pinned(command):
    """On core 0, so that the server does not wander onto the client's; as it is where that cannot be."""
    many = (os.cpu_count() or 1) > 1
    return ["taskset", "-c", "0", *command] if many and shutil.which("taskset") else command


def ask(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(clients, options, url):
    """Figures by name and concurrency, one list each, the clients in turn within each round."""
    found = {}
    for round_number in range(options.rounds):
        for concurrency in options.concurrency:
            for name, template in clients.items():
                if options.only and name not in options.only or name in ONCE and round_number > 0:
                    continue
                command = template.format(
                    raw=options.raw, swift=options.swift, url=url, here=HERE, python=sys.executable,
                    concurrency=concurrency, seconds=options.seconds, chunks=CHUNKS)
                found.setdefault(name, {}).setdefault(concurrency, []).append(ask(command.split()))
                print(f"round {round_number + 1}: {name} at {concurrency}", file=sys.stderr)
    return found


def decisions(options):
    """The least CPU time of one decision in microseconds, by name and number of offers."""
    found = {}
    for name, template in DECIDING.items():
        for count in OFFERS:
            command = template.format(swift=options.swift, python=sys.executable, here=HERE, offers=count).split()
            rounds = 1 if command[0] == sys.executable else options.rounds
            found.setdefault(name, {})[count] = min(ask(command)["decideMicroseconds"] for _ in range(rounds))
    return found


def table(title, found, options):
    print(f"\n{title}")
    print("| client | " + " | ".join(
        f"CPU us at {c} | of libcurl | p50, p99 ms" for c in options.concurrency) + " |")
    print("|---|" + "--:|--:|--:|" * len(options.concurrency))
    for name, by_concurrency in found.items():
        cells = [name]
        for concurrency, runs in by_concurrency.items():
            cpu = [run["cpuMicroseconds"] for run in runs]
            # Within a round the machine is about the same: the ratio is that of each round.
            base = found.get("libcurl", {}).get(concurrency)
            ratio = statistics.median(
                run["cpuMicroseconds"] / other["cpuMicroseconds"] for run, other in zip(runs, base)) if base else None
            p50, p99 = (statistics.median(run[key] for run in runs) / 1e3 for key in ("p50", "p99"))
            cells += [
                f"{statistics.median(cpu):.1f} ({min(cpu):.1f}-{max(cpu):.1f})",
                f"{ratio:.2f}" if ratio else "-", f"{p50:.2f}, {p99:.2f}"]
        print("| " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("raw")
    parser.add_argument("swift")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 64, 512])
    parser.add_argument("--only", nargs="+", help="names of clients")
    parser.add_argument("--other", help="another build of the benchmark to compare with")
    parser.add_argument("--no-streams", action="store_true")
    parser.add_argument("--no-slow", action="store_true")
    parser.add_argument("--no-decisions", action="store_true")
    parser.add_argument("--json", help="where to write every figure")
    options = parser.parse_args()
    clients, streams = dict(WHOLE), dict(STREAMED)
    if options.other:
        for commands in (clients, streams):
            for name in [name for name in commands if name.startswith(("transport", "executor"))]:
                commands[f"{name} (other)"] = commands[name].replace("{swift}", options.other)
    if subprocess.run([sys.executable, "-c", "import litellm"], capture_output=True).returncode:
        print("litellm is not installed: left out", file=sys.stderr)
        del clients["litellm Router"]
        del DECIDING["litellm Router, cost-based-routing"]

    server = subprocess.Popen(pinned([options.server, "0"]), stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        whole = measure(clients, options, url)
        streamed = {} if options.no_streams else measure(streams, options, url)
        slow = [] if options.no_slow else [ask([options.swift, "slow", url]) for _ in range(options.rounds)]
        pause = None if options.no_slow else ask([options.swift, "pause", url])
    finally:
        server.kill()
        server.wait()
    deciding = {} if options.no_decisions else decisions(options)
    if deciding:
        print("\nDeciding, CPU us of one decision, the least of the rounds")
        print("| offers | " + " | ".join(map(str, OFFERS)) + " |\n|---|" + "--:|" * len(OFFERS))
        for name, by_count in deciding.items():
            print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in by_count.values()) + " |")
    table("Whole answers, per request: median (least-most), median ratio of the rounds", whole, options)
    if streamed:
        table(f"Streams of {CHUNKS} pieces, per stream", streamed, options)
    if slow:
        print("\nSlow streams, one piece a second each:")
        for run in slow:
            print(
                f"  {run['streams']} streams, open within {run['openSeconds']:.1f} s: {run['bytesPerStream']:.0f} bytes "
                f"per stream, {run['cpuMicroseconds']:.1f} us of CPU per piece at {run['piecesPerSecond']:.0f} pieces/s")
        own = pause["replyBytes"]
        print(
            f"\nA reader that stops after {pause['read']} bytes: the server has sent {pause['sentEarly']} bytes a second "
            f"later, {pause['sentLate'] - pause['sentEarly'] - own} more in the two seconds after that, and "
            f"{pause['sentAfter'] - pause['sentLate'] - own} once it reads on")
    if options.json:
        figures = {"deciding": deciding, "whole": whole, "streamed": streamed, "slow": slow, "pause": pause}
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
