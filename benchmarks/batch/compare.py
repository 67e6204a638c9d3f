#!/usr/bin/env python3
"""Rows per second, CPU per row and peak memory of a batch: Drayage, async-batch-llm and litellm, on the same rows and
against the same simulated provider, one after the other.

    compare.py PATH-OF-DRAYAGE [--rows 100000] [--peer-rows N] [--memory-rows 10000,1000000] [--in-flight 64]

Every client asks one model, for the others know no more than one. The provider is `drayage simulate`, a process of
its own whose CPU is not counted. A client is a process too: CPU and memory are what the system says of it at its end,
its start included. `pip install async-batch-llm openai litellm` for the peers; one that is not installed is left out.
"""

import argparse
import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from simulated import Provider

MODEL = "gpt-4o-mini"

TABLE = f"""query_id,dataset,input_tokens,{MODEL}|score,{MODEL}|out_tok,{MODEL}|cost_usd
known,default,100,0.8,64,0.0001
"""

CATALOG = {
    "format": "pricing/1", "provider": "local", "currency": "USD", "unit": "Mtok", "as_of": "2026-11-22",
    "api": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:1/v1", "idempotency_header": "Idempotency-Key"},
    "sources": {"list": "made up"},
    "offers": [
        {"id": MODEL, "model": MODEL, "limits": {"context": 128000, "output": 16384},
         "rates": [{"from": None, "source": "list", "checked": "2026-11-22", "base": {"in": "0.15", "out": "0.6"}}]}
    ],
}

PROMPT = "Row {}: say in one sentence what a drayman carried, where he carried it to, and what he was paid for it."


def write_requests(path, rows):
    with open(path, "w") as file:
        for row in range(rows):
            body = {"messages": [{"role": "user", "content": PROMPT.format(row)}], "max_tokens": 200}
            line = {"custom_id": f"row-{row}", "method": "POST", "url": "/v1/chat/completions", "body": body}
            file.write(json.dumps(line) + "\n")


def measured(command, folder, log):
    """Runs a command to its end; its wall time, CPU and peak memory."""
    started = time.time()
    with open(log, "w") as output:
        child = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        with open(log) as text:
            sys.exit(f"{command[:3]} ended with {child.returncode}:\n{text.read()[-2000:]}")
    return time.time() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def line(name, rows, figures):
    wall, cpu, memory = figures
    print(f"| {name} | {rows:,} | {rows / wall:,.0f} | {cpu / rows * 1e6:,.0f} | {memory / 1024:,.0f} |", flush=True)


ASYNC_BATCH = """
import asyncio, sys
from async_batch_llm import OpenAIModel, OpenAIStrategy, ProcessorConfig, SqliteArtifactStore, process_prompts
from openai import AsyncOpenAI
url, rows, concurrency, store = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
prompt = {prompt!r}
async def main():
    client = AsyncOpenAI(base_url=url, api_key="none")
    model = OpenAIModel({model!r}, client, api_surface="chat_completions")
    result = await process_prompts(
        OpenAIStrategy(model, generation_config={{"max_tokens": 200}}), [prompt.format(row) for row in range(rows)],
        config=ProcessorConfig(concurrency=concurrency), artifact_store=SqliteArtifactStore(store))
    assert result.succeeded == rows, result
asyncio.run(main())
"""

LITELLM = """
import sys
import litellm
url, rows, concurrency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
prompt = {prompt!r}
answers = litellm.batch_completion(
    model="openai/{model}", api_base=url, api_key="none", max_workers=concurrency, max_tokens=200,
    messages=[[{{"role": "user", "content": prompt.format(row)}}] for row in range(rows)])
assert all(answer.choices[0].message.content for answer in answers)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("drayage")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--peer-rows", type=int, help="rows for the peers, if not the same; 0 leaves them out")
    parser.add_argument("--memory-rows", default="10000,1000000")
    parser.add_argument("--in-flight", type=int, default=64)
    arguments = parser.parse_args()
    drayage = os.path.abspath(arguments.drayage)
    folder = tempfile.mkdtemp(prefix="drayage-batch-")
    path = lambda name: os.path.join(folder, name)
    with open(path("table.csv"), "w") as file:
        file.write(TABLE)
    os.mkdir(path("pricing"))
    with open(path("pricing/local.json"), "w") as file:
        json.dump(CATALOG, file)

    def batch(url, rows):
        write_requests(path(f"{rows}.jsonl"), rows)
        figures = measured(
            [drayage, "batch", f"{rows}.jsonl", "-o", f"out-{rows}.jsonl", "--budget", "1000", "--profile", "table.csv",
             "--pricing", "pricing", "--no-bundled", "--base-url", url, "--in-flight", str(arguments.in_flight)],
            folder, path(f"{rows}.log"))
        with open(path(f"out-{rows}.jsonl")) as output:
            answered = sum('"error":null' in text for text in output)
        if answered != rows:
            sys.exit(f"{answered} of {rows} rows are answered")
        for name in os.listdir(folder):
            if str(rows) in name:
                os.unlink(path(name))
        return figures

    def compare(provider):
        line("drayage batch", arguments.rows, batch(provider.url, arguments.rows))
        peers = arguments.rows if arguments.peer_rows is None else arguments.peer_rows
        for name, module, program in [
            ("async-batch-llm", "async_batch_llm", ASYNC_BATCH), ("litellm.batch_completion", "litellm", LITELLM),
        ]:
            if not peers:
                continue
            # Not imported here: a child is said to have been as large as its parent was.
            if importlib.util.find_spec(module) is None:
                print(f"| {name} | not installed | | | |")
                continue
            with open(path(f"{module}.py"), "w") as file:
                file.write(program.format(prompt=PROMPT, model=MODEL))
            # Not named as the module that it imports.
            os.rename(path(f"{module}.py"), path(f"run_{module}.py"))
            line(name, peers, measured(
                [sys.executable, path(f"run_{module}.py"), provider.url, str(peers), str(arguments.in_flight), path("store.sqlite")],
                folder, path(f"{module}.log")))
        for rows in [int(word) for word in arguments.memory_rows.split(",") if word]:
            line("drayage batch", rows, batch(provider.url, rows))

    print("| client | rows | rows/s | CPU us/row | peak MB |\n|---|---|---|---|---|", flush=True)
    try:
        with Provider(drayage, folder, "table.csv", "--speed", "inf", "--pricing", "pricing") as provider:
            compare(provider)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
