"""Drives a simulated provider's batch interfaces with the providers' own packages and checks what they get."""

import argparse
import io
import json
import subprocess
import sys
import tempfile
import urllib.request

import anthropic
import openai
from openai.types.chat import ChatCompletion
from openai.types.responses import Response

import checks
from checks import check, equal, results, typed

MODEL = "sim-large"
QUERIES = {f"q{n}": (10 + n, 20 + n) for n in range(10)}
COST = 4000  # nano-dollars recorded for every answer; a batch bills half
DELAY = 1000
TABLE = f"query_id,input_tokens,{MODEL}|score,{MODEL}|out_tok,{MODEL}|cost_usd\n" + "".join(
    f"{query},{tokens[0]},0.5,{tokens[1]},0.000004\n" for query, tokens in QUERIES.items()
)
PROMPT = [{"role": "user", "content": "Say something."}]


def raises(kind, action, status):
    try:
        action()
    except kind as error:
        equal(error.status_code, status)
        return
    raise AssertionError(f"no {kind.__name__}")


def post(path, value):
    request = urllib.request.Request(origin + path, json.dumps(value).encode())
    return json.load(urllib.request.urlopen(request))


def schedule(*faults):
    post("/simulate/schedule", {MODEL: list(faults)})


def advance(seconds):
    post("/simulate/batches", {"advance": seconds})


def billed():
    """Answers, answers of batches, and nano-dollars, by the simulator's own books."""
    total = json.load(urllib.request.urlopen(origin + "/simulate/ledger"))["total"]
    return total["answers"], total["batched"], total["billed_nanodollars"]


def billing(answers, action):
    """Runs `action`, which must be billed for so many answers."""
    before = billed()
    action()
    found = tuple(after - earlier for after, earlier in zip(billed(), before))
    equal(found, (answers, answers, answers * COST // 2))


# OpenAI


def upload(client, lines, name="requests.jsonl"):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    return typed(client.files.create(file=(name, io.BytesIO(text.encode())), purpose="batch"))


def lines_for(endpoint, queries=QUERIES):
    content = {"input": "Say something."} if endpoint == "/v1/responses" else {"messages": PROMPT}
    return [
        {"custom_id": f"row-{query}", "method": "POST", "url": endpoint,
         "body": {"model": MODEL, "metadata": {"query_id": query}, **content}}
        for query in queries
    ]


def submit(client, endpoint="/v1/chat/completions", lines=None):
    file = upload(client, lines or lines_for(endpoint))
    batch = typed(client.batches.create(
        input_file_id=file.id, endpoint=endpoint, completion_window="24h", metadata={"mark": "m-1"}))
    equal((batch.status, batch.metadata, batch.input_file_id), ("validating", {"mark": "m-1"}, file.id))
    return batch.id


def contents(client, name):
    return [json.loads(line) for line in client.files.content(name).text.splitlines()] if name else []


def openai_batches(client):
    def answered(endpoint):
        job = submit(client, endpoint)
        running = typed(client.batches.retrieve(job))
        equal((running.status, running.request_counts.completed), ("in_progress", 0))
        advance(DELAY / 2)
        equal(client.batches.retrieve(job).request_counts.completed, 5)
        advance(DELAY)
        done = typed(client.batches.retrieve(job))
        counts = done.request_counts
        equal((done.status, counts.total, counts.completed, counts.failed), ("completed", 10, 10, 0))
        equal(done.error_file_id, None)
        equal(done.usage.output_tokens, sum(tokens[1] for tokens in QUERIES.values()))
        output = contents(client, done.output_file_id)
        equal({line["custom_id"] for line in output}, {f"row-{query}" for query in QUERIES})
        for line in output:
            equal((line["error"], line["response"]["status_code"]), (None, 200))
            wanted = QUERIES[line["custom_id"].removeprefix("row-")]
            if endpoint == "/v1/responses":
                usage = Response.model_validate(line["response"]["body"]).usage
                equal((usage.input_tokens, usage.output_tokens), wanted)
            else:
                usage = ChatCompletion.model_validate(line["response"]["body"]).usage
                equal((usage.prompt_tokens, usage.completion_tokens), wanted)

    def cancelled():
        job = submit(client)
        advance(DELAY * 0.3)
        equal(typed(client.batches.cancel(job)).status, "cancelling")
        done = typed(client.batches.retrieve(job))
        equal((done.status, done.request_counts.completed), ("cancelled", 3))
        equal(len(contents(client, done.output_file_id)), 3)
        codes = {line["error"]["code"] for line in contents(client, done.error_file_id)}
        equal(codes, {"batch_cancelled"})
        raises(openai.ConflictError, lambda: client.batches.cancel(job), 409)

    def errors():
        schedule("400", "500", "context")
        job = submit(client)
        advance(DELAY)
        done = client.batches.retrieve(job)
        equal((done.status, done.request_counts.failed), ("completed", 3))
        statuses = sorted(line["response"]["status_code"] for line in contents(client, done.error_file_id))
        equal(statuses, [400, 400, 500])

    def failed():
        lines = lines_for("/v1/chat/completions")
        job = submit(client, lines=lines + lines[:1])
        done = typed(client.batches.retrieve(job))
        equal((done.status, done.errors.data[0].code, done.errors.data[0].line),
              ("failed", "duplicate_custom_id", 11))

    def listed():
        first = submit(client)
        second = submit(client)
        names = []
        for batch in client.batches.list(limit=1):
            names.append(typed(batch).id)
            if batch.id == first:
                break
        equal(names[:2], [second, first])
        for name in (first, second):
            client.batches.cancel(name)

    def files():
        file = upload(client, lines_for("/v1/chat/completions", ["q0"]))
        equal(typed(client.files.retrieve(file.id)).filename, "requests.jsonl")
        assert file.id in [typed(f).id for f in client.files.list(purpose="batch")]
        equal(typed(client.files.delete(file.id)).deleted, True)
        raises(openai.NotFoundError, lambda: client.files.content(file.id), 404)
        raises(openai.BadRequestError,
               lambda: upload(client, lines_for("/v1/chat/completions"), "requests.txt"), 400)
        raises(openai.NotFoundError, lambda: client.batches.retrieve("batch_none"), 404)

    for case, answers, action in [
        ("chat", 10, lambda: answered("/v1/chat/completions")),
        ("responses", 10, lambda: answered("/v1/responses")),
        ("cancel", 3, cancelled), ("errors", 7, errors), ("failed", 0, failed), ("list", 0, listed),
        ("files", 0, files),
    ]:
        check("openai", case, lambda: billing(answers, action))


# Anthropic


def requests(queries=QUERIES, **params):
    return [
        {"custom_id": f"row-{query}",
         "params": {"model": MODEL, "max_tokens": 200, "messages": PROMPT,
                    "metadata": {"query_id": query}, **params}}
        for query in queries
    ]


def anthropic_batches(client):
    batches = client.messages.batches

    def answered():
        job = typed(batches.create(requests=requests()))
        equal((job.processing_status, job.request_counts.processing, job.results_url), ("in_progress", 10, None))
        advance(DELAY / 2)
        equal(batches.retrieve(job.id).request_counts.succeeded, 0)
        try:
            batches.results(job.id)
            raise AssertionError("results before the end")
        except anthropic.AnthropicError:
            pass
        advance(DELAY)
        done = typed(batches.retrieve(job.id))
        equal((done.processing_status, done.request_counts.succeeded), ("ended", 10))
        equal((done.expires_at - done.created_at).total_seconds(), 86400)
        found = list(batches.results(job.id))
        equal({line.custom_id for line in found}, {f"row-{query}" for query in QUERIES})
        for line in found:
            typed(line)
            equal(line.result.type, "succeeded")
            usage = line.result.message.usage
            equal((usage.input_tokens, usage.output_tokens), QUERIES[line.custom_id.removeprefix("row-")])

    def cancelled():
        job = batches.create(requests=requests())
        advance(DELAY * 0.3)
        equal(typed(batches.cancel(job.id)).processing_status, "canceling")
        done = typed(batches.retrieve(job.id))
        counts = done.request_counts
        equal((done.processing_status, counts.succeeded, counts.canceled), ("ended", 3, 7))
        equal(sorted(typed(line).result.type for line in batches.results(job.id)),
              ["canceled"] * 7 + ["succeeded"] * 3)

    def errors():
        schedule("400", "500", "context")
        job = batches.create(requests=requests())
        advance(DELAY)
        equal(batches.retrieve(job.id).request_counts.errored, 3)
        types = sorted(typed(line).result.error.error.type for line in batches.results(job.id)
                       if line.result.type == "errored")
        equal(types, ["api_error", "invalid_request_error", "invalid_request_error"])

    def invalid():
        job = batches.create(requests=requests(["q0"], stream=True))
        advance(DELAY)
        equal([typed(line).result.type for line in batches.results(job.id)], ["errored"])
        raises(anthropic.BadRequestError, lambda: batches.create(requests=[]), 400)
        raises(anthropic.BadRequestError, lambda: batches.create(requests=requests(["q0", "q0"])), 400)
        raises(anthropic.NotFoundError, lambda: batches.retrieve("msgbatch_none"), 404)

    def listed():
        first = batches.create(requests=requests()).id
        second = batches.create(requests=requests()).id
        names = []
        for batch in batches.list(limit=1):
            names.append(typed(batch).id)
            if batch.id == first:
                break
        equal(names, [second, first])
        raises(anthropic.BadRequestError, lambda: batches.delete(first), 400)
        for name in (first, second):
            batches.cancel(name)
            batches.retrieve(name)
            equal(typed(batches.delete(name)).id, name)

    for case, answers, action in [
        ("messages", 10, answered), ("cancel", 3, cancelled), ("errors", 7, errors), ("invalid", 0, invalid),
        ("list", 0, listed),
    ]:
        check("anthropic", case, lambda: billing(answers, action))


def report():
    for package, case, difference in results:
        print(f"{package:10} {case:10} {difference or 'as expected'}")
    differences = sum(difference is not None for _, _, difference in results)
    print(f"\n{len(results)} checks, {differences} differences; "
          f"openai {openai.__version__}, anthropic {anthropic.__version__}")
    return differences


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--drayage", default=".build/debug/drayage", help="the binary that simulates")
parser.add_argument("--trace", action="store_true", help="print where a difference was found")
options = parser.parse_args()
checks.prepare, checks.trace = schedule, options.trace

with tempfile.NamedTemporaryFile("w", suffix=".csv") as table_file:
    table_file.write(TABLE)
    table_file.flush()
    simulator = subprocess.Popen(
        [options.drayage, "simulate", table_file.name, "--port", "0", "--batch-delay", str(DELAY)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        origin = next(
            (line.split("listening on ")[1].split()[0].removesuffix("/v1")
             for line in simulator.stdout if "listening on " in line), None)
        if origin is None:
            sys.exit(f"{options.drayage} did not start")
        openai_batches(openai.OpenAI(base_url=origin + "/v1", api_key="none", max_retries=0))
        anthropic_batches(anthropic.Anthropic(base_url=origin, api_key="none", max_retries=0))
    finally:
        simulator.terminate()
        simulator.wait()
sys.exit(1 if report() else 0)
