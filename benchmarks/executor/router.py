"""litellm's Router as a library: two deployments at one server, so many requests at a time.

Usage: router.py URL CONCURRENCY SECONDS      URL: what /chat/completions is appended to
       router.py decide OFFERS                only choosing among so many deployments
Prints one line of JSON; CPU is user and system time of this process.
"""

import asyncio
import json
import logging
import os
import resource
import sys
import time

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ.setdefault("OPENAI_API_KEY", "none")

import litellm  # noqa: E402

MESSAGES = [
    {"role": "system", "content": "Answer in one word."},
    {"role": "user", "content": "Is the sky blue on a clear day?"},
]


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def router_of(url, count, **options):
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    logging.disable(logging.WARNING)
    deployment = {"model": "openai/bench", "api_base": url, "api_key": "none"}
    return litellm.Router(
        model_list=[
            {"model_name": "bench", "litellm_params": dict(deployment), "model_info": {"id": f"seller{number}"}}
            for number in range(count)
        ],
        **options,
    )


async def decide(count):
    router = router_of("http://127.0.0.1:1", count, routing_strategy="cost-based-routing")
    decisions = 2_000
    for measured in (100, decisions):
        used = processor_seconds()
        for _ in range(measured):
            await router.async_get_available_deployment(model="bench", messages=MESSAGES, request_kwargs={})
    print(json.dumps({"offers": count, "decideMicroseconds": 1e6 * (processor_seconds() - used) / decisions}))


async def main(url, concurrency, seconds):
    router = router_of(url, 2)

    async def ask(semaphore, latencies):
        async with semaphore:
            asked = time.perf_counter()
            answer = await router.acompletion(model="bench", messages=MESSAGES, max_completion_tokens=64)
            latencies.append(time.perf_counter() - asked)
            assert answer.choices[0].message.content == "Yes." and answer.usage.completion_tokens == 2

    async def batch(count):
        semaphore = asyncio.Semaphore(concurrency)
        latencies = []
        await asyncio.gather(*(ask(semaphore, latencies) for _ in range(count)))
        return latencies

    await batch(50 + 2 * concurrency)
    latencies = []
    started, used = time.perf_counter(), processor_seconds()
    while time.perf_counter() < started + seconds:
        latencies += await batch(max(100, 2 * concurrency))
    passed, cpu = time.perf_counter() - started, processor_seconds() - used
    latencies.sort()
    print(
        json.dumps(
            {
                "requests": len(latencies),
                "seconds": round(passed, 3),
                "cpuMicroseconds": round(1e6 * cpu / len(latencies), 2),
                "p50": round(1e6 * latencies[len(latencies) // 2], 1),
                "p99": round(1e6 * latencies[len(latencies) * 99 // 100], 1),
                "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
            }
        )
    )


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "decide":
        sys.exit(asyncio.run(decide(int(sys.argv[2]))))
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
