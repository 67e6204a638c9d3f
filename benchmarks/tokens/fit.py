#!/usr/bin/env python3
"""Fits the coefficients of the token estimator, and measures them on other texts.

    tokens-benchmark --counters fit/*/*.txt > fit.tsv
    tokens-benchmark --counters held-out/*/*.txt > held-out.tsv
    fit.py --fit fit.tsv --test held-out.tsv --write Coefficients.swift \
        cl100k=tiktoken:cl100k_base.tiktoken:cl100k claude2=tokenizers:tokenizer.json \
        mistral=sentencepiece:tokenizer.model tekken=tekken:tekken.json

A text is a file in a folder named for its kind. Needs numpy, scipy, and whichever of tiktoken, tokenizers and
sentencepiece the vocabularies are for.
"""

import argparse
import base64
import json
import os

import numpy as np
from scipy.optimize import nnls

# The position of `RunFeature.control`.
CONTROL = 127

LLAMA = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
PATTERNS = {
    "cl100k": LLAMA.replace(r"\s*[\r\n]+", r"\s++$|\s*[\r\n]+"),
    "llama3": LLAMA,
    "qwen": LLAMA.replace("{1,3}", ""),
    "qwen3.5": LLAMA.replace("{1,3}", "").replace(r"\p{L}+", r"[\p{L}\p{M}]+")
               .replace(r" ?[^\s\p{L}\p{N}]", r" ?[^\s\p{L}\p{M}\p{N}]"),
    "o200k": rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{SUFFIX}|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{SUFFIX}"
             r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}


def bpe(pattern, ranks):
    import tiktoken
    encoding = tiktoken.Encoding("given", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return lambda text: len(encoding.encode_ordinary(text))


def counter(specification):
    kind, path, *rest = specification.split(":")
    if kind == "tiktoken":
        lines = [line.split() for line in open(path, "rb") if line.strip()]
        return bpe(PATTERNS[rest[0]], {base64.b64decode(token): int(rank) for token, rank in lines})
    if kind == "tekken":
        file = json.load(open(path))
        config = file["config"]
        size = config["default_vocab_size"] - config["default_num_special_tokens"]
        tokens = [base64.b64decode(token["token_bytes"]) for token in file["vocab"][:size]]
        return bpe(config["pattern"], {token: rank for rank, token in enumerate(tokens)})
    if kind == "tokenizers":
        import tokenizers
        tokenizer = tokenizers.Tokenizer.from_file(path)
        return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
    import sentencepiece
    processor = sentencepiece.SentencePieceProcessor(model_file=path)
    return lambda text: len(processor.encode(text))


def load(path):
    rows = [line.rstrip("\n").split("\t") for line in open(path)]
    numbers = np.array([row[1].split() for row in rows], float)
    kinds = [os.path.basename(os.path.dirname(row[0])) for row in rows]
    texts = [open(row[0], newline="").read() for row in rows]
    return np.array(kinds), numbers[:, 0], numbers[:, 3:], texts


def fit(counters, counts, rounds=12, ridge=2e-3):
    """Non-negative least squares on relative errors, reweighted towards least absolute ones.

    The ridge keeps counters small that hardly any text has.
    """
    share = np.maximum((counters / counts[:, None]).mean(0), 1e-6)
    penalty = np.sqrt(ridge * len(counts)) * 0.05 * np.diag(np.minimum(1, share * 20))
    weight = 1 / counts
    for _ in range(rounds):
        left = np.vstack([counters * weight[:, None], penalty])
        coefficients, _ = nnls(left, np.concatenate([counts * weight, np.zeros(len(share))]), maxiter=20_000)
        # Counters that few texts have fit anything: a control character is one byte, and no unit has more than
        # the four bytes of a character where the fit says a dozen.
        coefficients[CONTROL] = min(coefficients[CONTROL], 1)
        coefficients[coefficients > 12] = 4
        error = np.abs(counters @ coefficients / counts - 1)
        weight = 1 / counts / np.sqrt(np.maximum(error, 0.03))
    return coefficients


def swift(families):
    text = ("/// The coefficients of the families, in tokens per unit of each counter, in the order of "
            "``RunFeature``.\n///\n"
            "/// Written by `benchmarks/tokens/fit.py`; a counter that never helps has 0.\n"
            "enum Coefficients {\n")
    for name, coefficients in families.items():
        text += f"  static let {name}: [Float] = [\n"
        line = "   "
        for value in coefficients:
            cell = f" {value:.3f}".rstrip("0").rstrip(".") + ","
            if len(line + cell) > 108:
                text += line + "\n"
                line = "   "
            line += cell
        text += line + "\n  ]\n"
    return text + "}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fit", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--write")
    parser.add_argument("families", nargs="+")
    options = parser.parse_args()
    _, _, fit_counters, fit_texts = load(options.fit)
    kinds, sizes, counters, texts = load(options.test)
    families, errors = {}, {}
    for family in options.families:
        name, specification = family.split("=", 1)
        count = counter(specification)
        wanted = np.array([count(text) for text in fit_texts], float)
        families[name] = np.round(fit(fit_counters, wanted), 3)
        actual = np.array([count(text) for text in texts], float)
        expected = counters @ families[name]
        errors[name] = np.abs(expected / actual - 1)
        ratio = actual / expected
        print(f"{name:9} median {np.median(errors[name]):.3f}  p95 {np.quantile(errors[name], .95):.3f}  "
              f"actual/expected p99 {np.quantile(ratio, .99):.3f} max {ratio.max():.2f}  "
              f"actual/bytes max {np.max(actual / sizes):.3f}", flush=True)
    print("\nmedian error in %".ljust(28), *[f"{name:>9}" for name in families])
    for kind in sorted(set(kinds)):
        print(f"{kind:27}", *[f"{100 * np.median(errors[name][kinds == kind]):9.1f}" for name in families])
    if options.write:
        open(options.write, "w").write(swift(families))


if __name__ == "__main__":
    main()
