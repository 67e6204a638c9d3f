#!/usr/bin/env python3
"""Fits the classes of letters that the token estimator counts, and writes the table.

    letters.py --write LetterTable.swift --texts texts/*/*.txt \\
        --families cl100k=tiktoken:cl100k_base.tiktoken:cl100k ...

A text is a file in a folder named for its kind, such as a language; every kind weighs the same. Families are
given as for fit.py, all of those that the coefficients are then fitted for. Afterwards build anew, and run
fit.py.

The words of the texts are counted, and each family's tokens of each word alone. A word's tokens are modelled
as the sum of one cost per letter, which depends on the hash of the letter's window (LetterClass.swift). The
costs are fitted by multiplicative updates (Lee and Seung, "Algorithms for Non-negative Matrix Factorization",
NIPS 2000, with one factor fixed), and the costs of an entry in all families are put into classes by k-means.

Needs numpy, scipy, and what fit.py needs.
"""

import argparse
import collections
import os
import re

import numpy as np
from scipy import sparse

from fit import counter

CLASSES, WINDOW_BITS, IDEOGRAPH_BITS = 64, 16, 14
FACTOR = np.uint64(0x9E37_79B9_7F4A_7C15)
FIRST_ENTRY = "?"
LONGEST = 40

LATIN = "A-Za-zªºÀ-ÖØ-öø-ɏḀ-ỿ"
RUN = re.compile(f"[{LATIN}]+|[\u0370-\u03ff\u1f00-\u1fff]+|[\u0400-\u052f]+"
                 "|([\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]+)")
ASCII_WORD = re.compile("[A-Z]?[a-z]+")


def words(text):
    """The runs of letters of a text: whether of ideographs, what stands before as in the scanner, letters."""
    for run in RUN.finditer(text):
        inner = ASCII_WORD.finditer(run.group()) if run.group().isascii() else [None]
        for word in inner:
            start = run.start() + (word.start() if word else 0)
            letters = word.group() if word else run.group()
            before = text[start - 1:start]
            context = 0 if before == " " else 2 if before.isalnum() else 1
            for offset in range(0, len(letters), LONGEST):
                part = letters[offset:offset + LONGEST]
                yield run.group(1) is not None, context if offset == 0 else 2, part


def folded(code):
    if 0x41 <= code <= 0x5A or 0xC0 <= code <= 0xDE:
        return code | 0x20
    if 0x100 <= code <= 0x17F or 0x1E00 <= code <= 0x1EFF:
        return code | 1
    if 0x391 <= code <= 0x3A9 or 0x410 <= code <= 0x42F:
        return code + 0x20
    return code + 0x50 if 0x400 <= code <= 0x40F else code


def entries(found):
    """The number of the word and the entry of every letter, for words of one sort."""
    owners, keys = [], []
    for number, (ideographs, context, letters) in enumerate(found):
        window = context + 1
        codes = [ord(letter) for letter in letters]
        if ideographs:
            keys += codes
        else:
            for place, code in enumerate([folded(code) for code in codes] + [0]):
                window = (window << 16 | code & 0xFFFF) & 0xFFFF_FFFF_FFFF_FFFF
                if place > 0:
                    keys.append(window)
        owners += [number] * len(letters)
    bits = IDEOGRAPH_BITS if found[0][0] else WINDOW_BITS
    hashed = np.array(keys, np.uint64) * FACTOR >> np.uint64(64 - bits)
    return np.array(owners), hashed.astype(int), 1 << bits


def costs(owners, keys, size, tokens, weights, rounds=30):
    """The cost of every entry in every family, and how much each entry weighs."""
    letters = sparse.csr_matrix((np.ones(len(keys)), (owners, keys)), (len(tokens), size))
    mean = weights @ tokens / np.bincount(owners, weights[owners]).sum()
    # Draws entries that hardly any word has towards the mean.
    prior = 0.4 * weights.mean()
    cost = np.tile(mean, (size, 1))
    wanted = letters.T @ (tokens * weights[:, None]) + prior * mean
    for _ in range(rounds):
        found = letters.T @ (letters @ cost * weights[:, None]) + prior * cost
        cost *= wanted / found
    return cost, np.bincount(keys, weights[owners], size)


def classes(cost, weight, rounds=25):
    """The class of every entry: weighted k-means, from a seeded choice of entries."""
    chosen = np.random.default_rng(1).choice(len(cost), CLASSES, replace=False, p=weight / weight.sum())
    centers = cost[chosen]
    for _ in range(rounds):
        nearest = ((centers ** 2).sum(1) - 2 * cost @ centers.T).argmin(1)
        for number in range(CLASSES):
            of_class = nearest == number
            if weight[of_class].sum() > 0:
                centers[number] = np.average(cost[of_class], 0, weight[of_class])
    # In the order of their costs, so that a change of the texts changes few characters.
    order = np.argsort(centers.mean(1))
    return np.argsort(order)[nearest]


def literal(numbers):
    text = "".join(chr(ord(FIRST_ENTRY) + number) for number in numbers)
    lines = [text[start:start + 104] for start in range(0, len(text), 104)]
    return '#"""\n    ' + "\\#\n    ".join(lines) + '\n    """#\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", required=True)
    parser.add_argument("--families", nargs="+", required=True)
    parser.add_argument("--texts", nargs="+", required=True)
    options = parser.parse_args()
    kinds = collections.defaultdict(collections.Counter)
    for path in options.texts:
        kinds[os.path.basename(os.path.dirname(path))].update(words(open(path, newline="").read()))
    weights = collections.Counter()
    for found in kinds.values():
        scaled = {word: count ** 0.75 for word, count in found.items()}
        total = sum(weight * len(word[2]) for word, weight in scaled.items())
        for word, weight in scaled.items():
            weights[word] += weight / total
    tables = {False: None, True: None}
    counters = [counter(family.split("=", 1)[1]) for family in options.families]
    for ideographs in tables:
        found = [word for word in weights if word[0] == ideographs]
        texts = [(" " if context == 0 else "") + letters for _, context, letters in found]
        tokens = np.array([[count(text) for text in texts] for count in counters], float).T
        weight = np.array([weights[word] for word in found])
        owners, keys, size = entries(found)
        cost, weight_of_entries = costs(owners, keys, size, tokens, weight)
        tables[ideographs] = literal(classes(cost, weight_of_entries))
        print(f"{len(found)} words, {np.count_nonzero(weight_of_entries)} of {size} entries", flush=True)
    with open(options.write, "w") as file:
        file.write("/// The classes of letters, one character per entry; see ``LetterClass``.\n///\n"
                   "/// Written by `benchmarks/tokens/letters.py`.\nenum LetterTable {\n"
                   "  /// Entries for windows of letters of an alphabet.\n"
                   f"  static let windows: StaticString = {tables[False]}\n"
                   "  /// Entries for ideographs, kana and Hangul syllables.\n"
                   f"  static let ideographs: StaticString = {tables[True]}}}\n")


if __name__ == "__main__":
    main()
