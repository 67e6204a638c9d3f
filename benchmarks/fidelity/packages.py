"""Points the providers' own packages at a simulated provider and checks that they get what they expect."""

import argparse
import base64
import json
import struct
import subprocess
import sys
import tempfile
import urllib.request

import anthropic
import boto3
import botocore.config
import botocore.exceptions
import cohere
import cohere.core.api_error
import openai
import pydantic
from google import genai
from google.genai import errors as genai_errors
from google.genai import types as genai_types
from mistralai.client import Mistral
from mistralai.client import errors as mistral_errors

import checks
from checks import check, equal, results, typed

MODEL = "sim-large"
QUERY = "q1"
INPUT, OUTPUT = 14, 100
CACHED = INPUT // 2
TABLE = f"""query_id,input_tokens,{MODEL}|score,{MODEL}|in_tok,{MODEL}|out_tok,{MODEL}|cost_usd
{QUERY},12,0.25,{INPUT},{OUTPUT},0.000014
"""
PROMPT = [{"role": "user", "content": "Say something."}]
SENTENCE = f"A simulated answer by {MODEL} to query {QUERY}."
SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer"},
        "units": {"type": "string", "enum": ["metric", "imperial"]},
    },
    "required": ["city", "days", "units"],
    "additionalProperties": False,
}
INSTANCE = {"city": "simulated", "days": 0, "units": "metric"}
NAMED = {"X-Drayage-Query": QUERY}

class Forecast(pydantic.BaseModel):
    """The schema above, as the packages' parsers take it."""

    city: str
    days: int
    units: str


def holds(condition, what):
    if not condition:
        raise AssertionError(what)


def raises(kind, action, status=None):
    try:
        action()
    except kind as error:
        if status is not None:
            found = getattr(error, "status_code", getattr(error, "code", None))
            equal(found, status)
        return error
    raise AssertionError(f"no {kind.__name__}")


def schedule(*faults):
    body = json.dumps({MODEL: list(faults)}).encode()
    urllib.request.urlopen(urllib.request.Request(origin + "/simulate/schedule", body)).read()


def faults(package, table, action):
    """Every fault of `table`, fault to (exception, status), against `action`."""
    for fault, (kind, status) in table.items():
        def run():
            schedule(fault)
            raises(kind, action, status)
        check(package, f"fault {fault}", run)


# OpenAI, Azure, Mistral

CHAT_TOOL = {"type": "function", "function": {"name": "forecast", "parameters": SCHEMA}}
CHAT_FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "forecast", "schema": SCHEMA, "strict": True},
}
OPENAI_FAULTS = {
    "400": (openai.BadRequestError, 400),
    "401": (openai.AuthenticationError, 401),
    "402": (openai.RateLimitError, 429),
    "403": (openai.PermissionDeniedError, 403),
    "404": (openai.NotFoundError, 404),
    "429": (openai.RateLimitError, 429),
    "500": (openai.InternalServerError, 500),
    "503": (openai.InternalServerError, 503),
    "529": (openai.InternalServerError, 529),
    "context": (openai.BadRequestError, 400),
    "filter": (openai.BadRequestError, 400),
    "reset": (openai.APIConnectionError, None),
    "truncated": (openai.APIConnectionError, None),
}


def openai_chat(package, client):
    create = client.chat.completions.create
    common = {"model": MODEL, "messages": PROMPT, "metadata": {"query_id": QUERY}}

    def whole():
        answer = typed(create(**common))
        equal(answer.choices[0].message.content, SENTENCE)
        equal(answer.choices[0].finish_reason, "stop")
        usage = answer.usage
        equal((usage.prompt_tokens, usage.completion_tokens), (INPUT, OUTPUT))
        equal(usage.prompt_tokens_details.cached_tokens, CACHED)

    def streamed():
        chunks = [typed(c) for c in create(**common, stream=True, stream_options={"include_usage": True})]
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        holds(text.startswith(SENTENCE) and len(text.split()) == OUTPUT, text[:80])
        equal([c.choices[0].finish_reason for c in chunks if c.choices][-1], "stop")
        equal(chunks[-1].usage.completion_tokens, OUTPUT)

    def cut():
        answer = create(**common, max_completion_tokens=5)
        equal((answer.choices[0].finish_reason, answer.usage.completion_tokens), ("length", 5))

    def tool():
        answer = typed(create(**common, tools=[CHAT_TOOL], tool_choice="required"))
        call = answer.choices[0].message.tool_calls[0]
        equal((call.function.name, json.loads(call.function.arguments)), ("forecast", INSTANCE))
        equal(answer.choices[0].finish_reason, "tool_calls")

    def tool_streamed():
        arguments, name = "", None
        for chunk in create(**common, tools=[CHAT_TOOL], stream=True):
            for call in typed(chunk).choices[0].delta.tool_calls or []:
                name = call.function.name or name
                arguments += call.function.arguments or ""
        equal((name, json.loads(arguments)), ("forecast", INSTANCE))

    def schema():
        answer = create(**common, response_format=CHAT_FORMAT)
        equal(json.loads(answer.choices[0].message.content), INSTANCE)
        if package == "openai chat":
            parsed = client.chat.completions.parse(**common, response_format=Forecast)
            equal(parsed.choices[0].message.parsed.city, "simulated")

    def unnamed():
        answer = create(model=MODEL, messages=PROMPT)
        equal((answer.usage.prompt_tokens, answer.usage.completion_tokens), (3, 64))

    def error_code():
        schedule("context")
        error = raises(openai.BadRequestError, lambda: create(**common))
        equal(error.code, "context_length_exceeded")
        schedule("402")
        equal(raises(openai.RateLimitError, lambda: create(**common)).code, "insufficient_quota")

    def stream_error():
        schedule("error-event")
        raises(openai.APIError, lambda: list(create(**common, stream=True)))

    for case, action in [
        ("whole", whole), ("stream", streamed), ("cut", cut), ("tool", tool),
        ("tool stream", tool_streamed), ("schema", schema), ("no query", unnamed),
        ("error code", error_code), ("stream error event", stream_error),
    ]:
        check(package, case, action)
    faults(package, OPENAI_FAULTS, lambda: create(**common))


def openai_responses(client):
    create = client.responses.create
    common = {"model": MODEL, "input": "Say something.", "metadata": {"query_id": QUERY}}
    tool = {"type": "function", "name": "forecast", "parameters": SCHEMA, "strict": True}
    text = {"format": {"type": "json_schema", "name": "forecast", "schema": SCHEMA, "strict": True}}

    def whole():
        answer = typed(create(**common))
        equal((answer.output_text, answer.status), (SENTENCE, "completed"))
        equal((answer.usage.input_tokens, answer.usage.output_tokens), (INPUT, OUTPUT))
        equal(answer.usage.input_tokens_details.cached_tokens, CACHED)

    def streamed():
        with client.responses.stream(**common) as stream:
            events = list(stream)
            answer = stream.get_final_response()
        equal([e.sequence_number for e in events], list(range(len(events))))
        holds(answer.output_text.startswith(SENTENCE), answer.output_text[:80])
        deltas = "".join(e.delta for e in events if e.type == "response.output_text.delta")
        equal(deltas, answer.output_text)
        for event in create(**common, stream=True):
            typed(event)

    def cut():
        answer = create(**common, max_output_tokens=5)
        equal((answer.status, answer.incomplete_details.reason), ("incomplete", "max_output_tokens"))

    def called():
        answer = typed(create(**common, tools=[tool], tool_choice="required"))
        call = answer.output[0]
        equal((call.type, call.name, json.loads(call.arguments)), ("function_call", "forecast", INSTANCE))

    def called_streamed():
        events = [typed(e) for e in create(**common, tools=[tool], stream=True)]
        done = [e for e in events if e.type == "response.function_call_arguments.done"]
        equal(json.loads(done[0].arguments), INSTANCE)
        deltas = [e.delta for e in events if e.type == "response.function_call_arguments.delta"]
        equal("".join(deltas), done[0].arguments)

    def schema():
        equal(json.loads(create(**common, text=text).output_text), INSTANCE)
        equal(client.responses.parse(**common, text_format=Forecast).output_parsed.city, "simulated")

    def stream_error():
        schedule("error-event")
        events = [typed(e) for e in create(**common, stream=True)]
        equal([e.type for e in events[-2:]], ["error", "response.failed"])
        equal((events[-2].code, events[-1].response.error.code), ("server_error", "server_error"))

    for case, action in [
        ("whole", whole), ("stream", streamed), ("cut", cut), ("tool", called),
        ("tool stream", called_streamed), ("schema", schema), ("stream error event", stream_error),
    ]:
        check("openai responses", case, action)
    faults("openai responses", OPENAI_FAULTS, lambda: create(**common))


def openai_embeddings(package, client):
    def embeddings():
        answer = typed(client.embeddings.create(model=MODEL, input=["one", "two"], dimensions=8))
        equal([len(e.embedding) for e in answer.data], [8, 8])
        holds(abs(sum(x * x for x in answer.data[0].embedding) - 1) < 1e-5, "the length of a vector is not 1")
        encoded = client.embeddings.create(
            model=MODEL, input="one", dimensions=8, encoding_format="base64")
        vector = struct.unpack("<8f", base64.b64decode(encoded.data[0].embedding))
        holds(max(abs(a - b) for a, b in zip(vector, answer.data[0].embedding)) < 1e-6, "encodings differ")

    check(package, "embeddings", embeddings)


def mistral(client):
    common = {"model": MODEL, "messages": PROMPT, "http_headers": NAMED}

    def whole():
        answer = typed(client.chat.complete(**common))
        equal((answer.choices[0].message.content, answer.usage.completion_tokens), (SENTENCE, OUTPUT))

    def streamed():
        events = [e.data for e in client.chat.stream(**common)]
        text = "".join(e.choices[0].delta.content or "" for e in events if e.choices)
        holds(text.startswith(SENTENCE), text[:80])

    def tool():
        answer = client.chat.complete(**common, tools=[CHAT_TOOL], tool_choice="any")
        call = answer.choices[0].message.tool_calls[0].function
        equal((call.name, json.loads(call.arguments)), ("forecast", INSTANCE))

    def schema():
        answer = client.chat.complete(**common, response_format=CHAT_FORMAT)
        equal(json.loads(answer.choices[0].message.content), INSTANCE)

    for case, action in [("whole", whole), ("stream", streamed), ("tool", tool), ("schema", schema)]:
        check("mistral", case, action)
    faults(
        "mistral",
        {str(s): (mistral_errors.SDKError, s) for s in (400, 401, 404, 429, 500, 503)},
        lambda: client.chat.complete(**common))


# Anthropic

def anthropic_messages(client):
    create = client.messages.create
    common = {"model": MODEL, "messages": PROMPT, "max_tokens": 1000, "extra_headers": NAMED}
    tool = {"name": "forecast", "input_schema": SCHEMA}

    def whole():
        answer = typed(create(**common))
        equal((answer.content[0].text, answer.stop_reason), (SENTENCE, "end_turn"))
        usage = answer.usage
        equal(
            (usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens),
            (INPUT - CACHED, CACHED, OUTPUT))

    def streamed():
        with client.messages.stream(**common) as stream:
            for event in stream:
                typed(event)
            answer = typed(stream.get_final_message())
        holds(answer.content[0].text.startswith(SENTENCE), answer.content[0].text[:80])
        equal((answer.stop_reason, answer.usage.output_tokens), ("end_turn", OUTPUT))

    def cut():
        answer = create(**{**common, "max_tokens": 5})
        equal((answer.stop_reason, answer.usage.output_tokens), ("max_tokens", 5))

    def called():
        answer = typed(create(**common, tools=[tool], tool_choice={"type": "tool", "name": "forecast"}))
        equal((answer.content[0].name, answer.content[0].input), ("forecast", INSTANCE))
        equal(answer.stop_reason, "tool_use")

    def called_streamed():
        with client.messages.stream(**common, tools=[tool]) as stream:
            answer = stream.get_final_message()
        equal((answer.content[0].name, answer.content[0].input), ("forecast", INSTANCE))

    def schema():
        answer = create(**common, output_config={"format": {"type": "json_schema", "schema": SCHEMA}})
        equal(json.loads(answer.content[0].text), INSTANCE)

    def stream_error():
        schedule("error-event")
        error = raises(
            anthropic.APIStatusError, lambda: list(create(**common, stream=True)))
        equal(error.body["error"]["type"], "overloaded_error")

    for case, action in [
        ("whole", whole), ("stream", streamed), ("cut", cut), ("tool", called),
        ("tool stream", called_streamed), ("schema", schema), ("stream error event", stream_error),
    ]:
        check("anthropic", case, action)
    faults(
        "anthropic",
        {
            "400": (anthropic.BadRequestError, 400),
            "401": (anthropic.AuthenticationError, 401),
            "402": (anthropic.APIStatusError, 402),
            "403": (anthropic.PermissionDeniedError, 403),
            "404": (anthropic.NotFoundError, 404),
            "429": (anthropic.RateLimitError, 429),
            "500": (anthropic.InternalServerError, 500),
            "503": (anthropic.InternalServerError, 503),
            "529": (anthropic.InternalServerError, 529),
            "context": (anthropic.BadRequestError, 400),
            "filter": (anthropic.BadRequestError, 400),
            "reset": (anthropic.APIConnectionError, None),
            "truncated": (anthropic.APIConnectionError, None),
        },
        lambda: create(**common))


# Google

def gemini(client):
    models = client.models

    def config(**more):
        return genai_types.GenerateContentConfig(
            http_options=genai_types.HttpOptions(headers=NAMED),
            automatic_function_calling={"disable": True}, **more)

    def ask(**more):
        return models.generate_content(model=MODEL, contents="Say something.", config=config(**more))

    def stream(**more):
        return list(
            models.generate_content_stream(model=MODEL, contents="Say something.", config=config(**more)))

    tools = [{"function_declarations": [{"name": "forecast", "parameters_json_schema": SCHEMA}]}]

    def whole():
        answer = typed(ask())
        usage = answer.usage_metadata
        equal((answer.text, answer.candidates[0].finish_reason.name), (SENTENCE, "STOP"))
        equal(
            (usage.prompt_token_count, usage.cached_content_token_count, usage.candidates_token_count),
            (INPUT, CACHED, OUTPUT))

    def streamed():
        chunks = [typed(c) for c in stream()]
        text = "".join(c.text or "" for c in chunks)
        holds(text.startswith(SENTENCE) and len(text.split()) == OUTPUT, text[:80])
        equal(chunks[-1].candidates[0].finish_reason.name, "STOP")
        equal(chunks[-1].usage_metadata.candidates_token_count, OUTPUT)

    def cut():
        equal(ask(max_output_tokens=5).candidates[0].finish_reason.name, "MAX_TOKENS")

    def tool():
        call = typed(ask(tools=tools)).function_calls[0]
        equal((call.name, call.args), ("forecast", INSTANCE))

    def tool_streamed():
        calls = [call for chunk in stream(tools=tools) for call in chunk.function_calls or []]
        equal([(call.name, call.args) for call in calls], [("forecast", INSTANCE)])

    def schema():
        answer = ask(response_mime_type="application/json", response_schema=Forecast)
        holds(isinstance(answer.parsed, Forecast), f"{answer.parsed!r} is no Forecast")

    def embeddings():
        answer = models.embed_content(
            model=MODEL, contents=["one", "two"],
            config=genai_types.EmbedContentConfig(output_dimensionality=8))
        equal([len(e.values) for e in answer.embeddings], [8, 8])

    def filtered():
        schedule("filter")
        answer = typed(ask())
        equal((answer.prompt_feedback.block_reason.name, answer.candidates), ("PROHIBITED_CONTENT", None))

    def stream_error():
        schedule("error-event")
        raises(genai_errors.ServerError, stream, 500)

    for case, action in [
        ("whole", whole), ("stream", streamed), ("cut", cut), ("tool", tool),
        ("tool stream", tool_streamed), ("schema", schema), ("embeddings", embeddings),
        ("fault filter", filtered), ("stream error event", stream_error),
    ]:
        check("google-genai", case, action)
    client_error, server_error = genai_errors.ClientError, genai_errors.ServerError
    faults(
        "google-genai",
        {
            "400": (client_error, 400), "401": (client_error, 401), "402": (client_error, 429),
            "403": (client_error, 403), "404": (client_error, 404), "429": (client_error, 429),
            "500": (server_error, 500), "503": (server_error, 503), "529": (server_error, 529),
            "context": (client_error, 400),
        },
        ask)


# Amazon

def bedrock(client):
    common = {
        "modelId": MODEL, "requestMetadata": {"query_id": QUERY},
        "messages": [{"role": "user", "content": [{"text": "Say something."}]}],
    }
    tools = {"tools": [{"toolSpec": {"name": "forecast", "inputSchema": {"json": SCHEMA}}}]}
    schema_config = {
        "textFormat": {
            "type": "json_schema",
            "structure": {"jsonSchema": {"name": "forecast", "schema": json.dumps(SCHEMA)}},
        }
    }

    def stream(**more):
        return list(client.converse_stream(**common, **more)["stream"])

    def whole():
        answer = client.converse(**common)
        equal(answer["output"]["message"]["content"], [{"text": SENTENCE}])
        usage = answer["usage"]
        equal(
            (usage["inputTokens"], usage["cacheReadInputTokens"], usage["outputTokens"]),
            (INPUT - CACHED, CACHED, OUTPUT))
        equal(answer["stopReason"], "end_turn")
        holds(isinstance(answer["metrics"]["latencyMs"], int), "no latency")

    def streamed():
        events = stream()
        text = "".join(e["contentBlockDelta"]["delta"]["text"] for e in events if "contentBlockDelta" in e)
        holds(text.startswith(SENTENCE) and len(text.split()) == OUTPUT, text[:80])
        equal(events[0], {"messageStart": {"role": "assistant"}})
        equal(events[-2], {"messageStop": {"stopReason": "end_turn"}})
        equal(events[-1]["metadata"]["usage"]["outputTokens"], OUTPUT)

    def cut():
        equal(client.converse(**common, inferenceConfig={"maxTokens": 5})["stopReason"], "max_tokens")

    def tool():
        answer = client.converse(**common, toolConfig={**tools, "toolChoice": {"any": {}}})
        use = answer["output"]["message"]["content"][0]["toolUse"]
        equal((use["name"], use["input"], answer["stopReason"]), ("forecast", INSTANCE, "tool_use"))

    def tool_streamed():
        events = stream(toolConfig=tools)
        start = next(e for e in events if "contentBlockStart" in e)["contentBlockStart"]["start"]["toolUse"]
        deltas = [e["contentBlockDelta"]["delta"] for e in events if "contentBlockDelta" in e]
        arguments = "".join(d["toolUse"]["input"] for d in deltas)
        equal((start["name"], json.loads(arguments)), ("forecast", INSTANCE))

    def schema():
        answer = client.converse(**common, outputConfig=schema_config)
        equal(json.loads(answer["output"]["message"]["content"][0]["text"]), INSTANCE)

    def stream_error():
        schedule("error-event")
        raises(botocore.exceptions.EventStreamError, stream)

    for case, action in [
        ("whole", whole), ("stream", streamed), ("cut", cut), ("tool", tool),
        ("tool stream", tool_streamed), ("schema", schema), ("stream error event", stream_error),
    ]:
        check("boto3 converse", case, action)
    kinds = client.exceptions
    table = {
        "400": kinds.ValidationException, "402": kinds.ServiceQuotaExceededException,
        "403": kinds.AccessDeniedException, "404": kinds.ResourceNotFoundException,
        "429": kinds.ThrottlingException, "500": kinds.InternalServerException,
        "503": kinds.ServiceUnavailableException, "529": kinds.ServiceUnavailableException,
        "context": kinds.ValidationException, "filter": kinds.ValidationException,
        "401": botocore.exceptions.ClientError,
        "reset": botocore.exceptions.ConnectionClosedError,
    }
    faults("boto3 converse", {k: (v, None) for k, v in table.items()}, lambda: client.converse(**common))


# Cohere

def cohere_chat(client):
    settings = {"additional_headers": NAMED, "max_retries": 0}
    common = {"model": MODEL, "messages": PROMPT, "request_options": settings}

    def whole():
        answer = typed(client.chat(**common))
        equal((answer.message.content[0].text, answer.finish_reason), (SENTENCE, "COMPLETE"))
        usage = answer.usage
        equal((usage.tokens.input_tokens, usage.tokens.output_tokens), (INPUT, OUTPUT))
        equal(usage.cached_tokens, CACHED)

    def streamed():
        events = [typed(e) for e in client.chat_stream(**common)]
        deltas = [e.delta.message.content.text for e in events if e.type == "content-delta"]
        text = "".join(deltas)
        holds(text.startswith(SENTENCE) and len(text.split()) == OUTPUT, text[:80])
        equal(events[-1].delta.finish_reason, "COMPLETE")
        equal(events[-1].delta.usage.tokens.output_tokens, OUTPUT)

    def cut():
        equal(client.chat(**common, max_tokens=5).finish_reason, "MAX_TOKENS")

    def tool():
        answer = typed(client.chat(**common, tools=[CHAT_TOOL], tool_choice="REQUIRED"))
        call = answer.message.tool_calls[0].function
        equal((call.name, json.loads(call.arguments)), ("forecast", INSTANCE))
        equal(answer.finish_reason, "TOOL_CALL")

    def tool_streamed():
        events = list(client.chat_stream(**common, tools=[CHAT_TOOL]))
        start = next(e for e in events if e.type == "tool-call-start")
        arguments = "".join(
            e.delta.message.tool_calls.function.arguments for e in events if e.type == "tool-call-delta")
        equal((start.delta.message.tool_calls.function.name, json.loads(arguments)), ("forecast", INSTANCE))

    def schema():
        answer = client.chat(**common, response_format={"type": "json_object", "schema": SCHEMA})
        equal(json.loads(answer.message.content[0].text), INSTANCE)

    def embeddings():
        answer = typed(
            client.embed(
                model=MODEL, texts=["one", "two"], input_type="search_document",
                embedding_types=["float"], output_dimension=256))
        equal([len(e) for e in answer.embeddings.float_], [256, 256])

    def stream_error():
        schedule("error-event")
        last = list(client.chat_stream(**common))[-1]
        equal((last.type, last.delta.finish_reason), ("message-end", "ERROR"))

    for case, action in [
        ("whole", whole), ("stream", streamed), ("cut", cut), ("tool", tool),
        ("tool stream", tool_streamed), ("schema", schema), ("embeddings", embeddings),
        ("stream error event", stream_error),
    ]:
        check("cohere", case, action)
    faults(
        "cohere",
        {
            "400": (cohere.BadRequestError, 400),
            "401": (cohere.UnauthorizedError, 401),
            "402": (cohere.core.api_error.ApiError, 402),
            "403": (cohere.ForbiddenError, 403),
            "404": (cohere.NotFoundError, 404),
            "429": (cohere.TooManyRequestsError, 429),
            "500": (cohere.InternalServerError, 500),
            "503": (cohere.ServiceUnavailableError, 503),
            "529": (cohere.core.api_error.ApiError, 529),
            "context": (cohere.BadRequestError, 400),
            "filter": (cohere.BadRequestError, 400),
        },
        lambda: client.chat(**common))


def ask_all():
    client = openai.OpenAI(base_url=origin + "/v1", api_key="none", max_retries=0)
    openai_chat("openai chat", client)
    openai_responses(client)
    openai_embeddings("openai embeddings", client)
    azure = openai.AzureOpenAI(
        azure_endpoint=origin, api_key="none", api_version="2024-10-21", max_retries=0)
    openai_chat("azure deployments", azure)
    openai_embeddings("azure deployments", azure)
    openai_chat(
        "azure v1", openai.OpenAI(base_url=origin + "/openai/v1", api_key="none", max_retries=0))
    mistral(Mistral(api_key="none", server_url=origin))
    anthropic_messages(anthropic.Anthropic(base_url=origin, api_key="none", max_retries=0))
    gemini(genai.Client(api_key="none", http_options=genai_types.HttpOptions(base_url=origin)))
    bedrock(
        boto3.client(
            "bedrock-runtime", endpoint_url=origin, region_name="us-east-1", aws_access_key_id="none",
            aws_secret_access_key="none",
            config=botocore.config.Config(retries={"total_max_attempts": 1})))
    cohere_chat(cohere.ClientV2(api_key="none", base_url=origin))


def report():
    packages = list(dict.fromkeys(package for package, _, _ in results))
    for package, case, difference in results:
        print(f"{package:18} {case:20} {difference or 'as expected'}")
    print(f"\n{'package':18} checks differences")
    for package in packages:
        mine = [difference for name, _, difference in results if name == package]
        print(f"{package:18} {len(mine):6} {sum(d is not None for d in mine):11}")
    return any(difference for _, _, difference in results)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--drayage", default=".build/debug/drayage", help="the binary that simulates")
parser.add_argument("--url", help="a simulator that is running already")
parser.add_argument("--write-table", metavar="FILE", help="write the table it must be started on, and exit")
parser.add_argument("--trace", action="store_true", help="print where a difference was found")
options = parser.parse_args()
checks.prepare, checks.trace = schedule, options.trace

if options.write_table:
    with open(options.write_table, "w", encoding="utf-8") as file:
        file.write(TABLE)
    sys.exit(0)

simulator = None
if options.url:
    origin = options.url.rstrip("/")
else:
    table_file = tempfile.NamedTemporaryFile("w", suffix=".csv")
    table_file.write(TABLE)
    table_file.flush()
    simulator = subprocess.Popen(
        [options.drayage, "simulate", table_file.name, "--port", "0", "--speed", "inf",
         "--cached-share", "0.5"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    origin = None
    for line in simulator.stdout:
        if "listening on " in line:
            origin = line.split("listening on ")[1].split()[0].removesuffix("/v1")
            break
    if origin is None:
        sys.exit(f"{options.drayage} did not start")
try:
    ask_all()
finally:
    if simulator:
        simulator.terminate()
        simulator.wait()
sys.exit(1 if report() else 0)
