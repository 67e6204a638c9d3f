#!/usr/bin/env python3
"""What a batch reaches with estimates that are wrong, beside what the plan reaches that knows all costs.

A table of recorded scores and token counts is split: one half teaches, the other is asked. Scores are predicted: the mean
of the nearest neighbours among the half that teaches, by a table of features, or the mean of the data set without one.
Output lengths are off by up to twice: half of that (in logarithms) for all of a model's answers, half for each answer.
With these estimates `drayage batch` works the half off against a simulated provider that bills by the recorded lengths.

The plan beside it knows the same predicted scores, and the recorded lengths: the best expected score within the budget,
found by a bisection over the price of money. Both are judged by the recorded scores. Budgets lie 10, 30 and 60 % of the
way from the cheapest assignment to the one that is best by prediction.

    quality.py PATH-OF-DRAYAGE TABLE --prices PRICES --of NAME --halves HALVES [--features FEATURES] [--rows N]

TABLE has query_id, dataset, input_tokens_cl100k and for each model score and out_tok_cl100k; PRICES table, model,
usd_per_M_in, usd_per_M_out; HALVES table, query_id, half (hist or test). Needs numpy.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy

from simulated import Provider

NEIGHBOURS = 40
MOST_OUTPUT = 4096


def read(arguments):
    with open(arguments.prices) as file:
        prices = {row["model"]: (float(row["usd_per_M_in"]), float(row["usd_per_M_out"]), row["usd_per_M_in"],
                                 row["usd_per_M_out"])
                  for row in csv.DictReader(file) if row["table"] == arguments.of}
    with open(arguments.halves) as file:
        name = os.path.basename(arguments.table)
        halves = {row["query_id"]: row["half"] for row in csv.DictReader(file) if row["table"] == name}
    with open(arguments.table) as file:
        rows = list(csv.DictReader(file))
    models = [column[:-len("|score")] for column in rows[0] if column.endswith("|score")]
    models = [model for model in models if model in prices]
    rows = [row for row in rows
            if all(row[f"{model}|score"] and row[f"{model}|out_tok_cl100k"] for model in models)]
    features = None
    if arguments.features:
        with open(arguments.features) as file:
            reader = csv.reader(file)
            next(reader)
            features = {row[0]: numpy.array(row[1:], float) for row in reader}
    return prices, halves, rows, models, features


def predict(history, test, models, features):
    scores = numpy.array([[float(row[f"{model}|score"]) for model in models] for row in history])
    if features is None:
        means = {}
        for name in {row["dataset"] for row in history}:
            means[name] = scores[[row["dataset"] == name for row in history]].mean(axis=0)
        return numpy.array([means[row["dataset"]] for row in test])
    known = numpy.array([features[row["query_id"]] for row in history])
    asked = numpy.array([features[row["query_id"]] for row in test])
    known /= numpy.linalg.norm(known, axis=1, keepdims=True) + 1e-9
    asked /= numpy.linalg.norm(asked, axis=1, keepdims=True) + 1e-9
    predicted = numpy.empty((len(test), len(models)))
    for at in range(0, len(test), 500):
        near = numpy.argpartition(-(asked[at:at + 500] @ known.T), NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        predicted[at:at + 500] = scores[near].mean(axis=1)
    # Towards each model's mean over all, as if ten neighbours had shown it.
    return (predicted * NEIGHBOURS + 10 * scores.mean(axis=0)) / (NEIGHBOURS + 10)


def plan(predicted, cost, budget):
    """The best assignment within the budget, but for one request."""
    low, high = 0.0, 1e9
    for _ in range(200):
        price = (low + high) / 2
        choice = (predicted - price * cost).argmax(axis=1)
        if cost[numpy.arange(len(cost)), choice].sum() > budget:
            low = price
        else:
            high = price
    return (predicted - high * cost).argmax(axis=1)


def write_table(path, rows, models, scores, outputs, costs):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["query_id", "dataset", "input_tokens"]
                        + [f"{model}|{part}" for model in models for part in ("score", "out_tok", "cost_usd")])
        for number, row in enumerate(rows):
            cells = [row["query_id"], row["dataset"], row["input_tokens_cl100k"]]
            for at in range(len(models)):
                cells += [f"{scores[number, at]:.6f}", int(outputs[number, at]), f"{costs[number, at]:.9f}"]
            writer.writerow(cells)


def write_prices(folder, models, prices):
    os.mkdir(folder)
    offers = []
    for number, model in enumerate(models):
        offers.append(
            {"id": f"model-{number}", "wire": model, "model": model, "limits": {"context": 1048576, "output": 16384},
             "rates": [{"from": None, "source": "table", "checked": "2026-11-22",
                        "base": {"in": prices[model][2], "out": prices[model][3]}}]})
    with open(os.path.join(folder, "market.json"), "w") as file:
        json.dump(
            {"format": "pricing/1", "provider": "market", "currency": "USD", "unit": "Mtok", "as_of": "2026-11-22",
             "api": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:1/v1",
                     "idempotency_header": "Idempotency-Key"},
             "sources": {"table": "the table of prices"}, "offers": offers}, file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("drayage")
    parser.add_argument("table")
    parser.add_argument("--prices", required=True)
    parser.add_argument("--of", required=True, help="the name of the table in PRICES")
    parser.add_argument("--halves", required=True)
    parser.add_argument("--features")
    parser.add_argument("--rows", type=int, help="ask only so many of the half")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    drayage = os.path.abspath(arguments.drayage)
    prices, halves, rows, models, features = read(arguments)
    history = [row for row in rows if halves.get(row["query_id"]) == "hist"]
    test = [row for row in rows if halves.get(row["query_id"]) == "test"][:arguments.rows]
    predicted = predict(history, test, models, features)
    truth = numpy.array([[float(row[f"{model}|score"]) for model in models] for row in test])
    inputs = numpy.array([float(row["input_tokens_cl100k"]) for row in test])
    outputs = numpy.array([[float(row[f"{model}|out_tok_cl100k"]) for model in models] for row in test]).clip(1, MOST_OUTPUT)
    rates = numpy.array([prices[model][:2] for model in models]) * 1e-6
    cost = inputs[:, None] * rates[:, 0] + outputs * rates[:, 1]
    noise = numpy.random.default_rng(arguments.seed)
    factor = 2 ** (0.5 * noise.uniform(-1, 1, len(models)) + 0.5 * noise.uniform(-1, 1, outputs.shape))
    guessed = (outputs * factor).round().clip(1, MOST_OUTPUT)
    guessed_cost = inputs[:, None] * rates[:, 0] + guessed * rates[:, 1]
    everyone = numpy.arange(len(test))
    least = cost.min(axis=1).sum()
    most = cost[everyone, predicted.argmax(axis=1)].sum()
    print(f"{len(test)} requests, {len(models)} models, {arguments.of}: from ${least:.4f} to ${most:.4f}", flush=True)
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="drayage-quality-") as folder:
        path = lambda name: os.path.join(folder, name)
        write_table(path("truth.csv"), test, models, truth, outputs, cost)
        write_table(path("guess.csv"), test, models, predicted, guessed, guessed_cost)
        write_prices(path("pricing"), models, prices)
        run = lambda *words: subprocess.run([drayage, *words], cwd=folder, capture_output=True, text=True)
        run("simulate", "truth.csv", "--write-requests", "requests.jsonl", "--max-completion-tokens", str(MOST_OUTPUT))
        for share in (0.1, 0.3, 0.6):
            budget = least + share * (most - least)
            known = plan(predicted, cost, budget)
            with Provider(drayage, folder, "truth.csv", "--pricing", "pricing", "--speed", "inf") as provider:
                batch = run(
                    "batch", "requests.jsonl", "-o", f"answers-{share}.jsonl", "--budget", f"{budget:.9f}",
                    "--profile", "guess.csv", "--pricing", "pricing", "--no-bundled", "--base-url", provider.url,
                    "--format", "json")
                if batch.returncode not in (0, 4):
                    sys.exit(batch.stderr + batch.stdout)
                report = json.loads(batch.stdout)
                billed = provider.ledger()["billed_nanodollars"] * 1e-9
            reached = (report["measured_quality"] or 0) * report["answered"] / len(test)
            should = truth[everyone, known].mean()
            worst = max(worst, should - reached)
            print(
                f"{share:4.0%} of the way, ${budget:.4f}: {100 * reached:.2f} reached, {100 * should:.2f} by the plan that "
                f"knows the costs ({100 * (reached - should):+.2f}); {report['answered']} answered, "
                f"${billed:.4f} billed ({billed / budget:.1%}), re-planned {report['replanned']} times", flush=True)
            if billed > budget:
                sys.exit("more was billed than the budget")
    sys.exit(0 if worst <= 0.01 else 1)


if __name__ == "__main__":
    main()
